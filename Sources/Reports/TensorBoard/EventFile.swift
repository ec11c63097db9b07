import Files
import Foundation

/// A file that TensorBoard reads: records of `tensorflow.Event`, each written at once.
///
/// A record is its length (64 bits), the masked CRC-32C of that, the message, the masked CRC-32C of the message
/// (TFRecord). TensorBoard reads all event files of a folder in the order of their names.
public final class EventFile {
    public let path: String
    private let descriptor: Int32

    /// Begins a file beside those that are there.
    /// - Parameter step: what earlier files say of this step and later ones is dropped by TensorBoard: those that a
    ///   resumed run makes again.
    /// - Throws: `FileError`.
    public init(folder: String, from step: Int, time: Date = .now) throws {
        // TensorBoard goes by "tfevents", and by the order of the names.
        let seconds = max(time.timeIntervalSince1970, Self.latest(in: folder).map { $0 + 1 } ?? 0)
        let stamp = String(format: "%010.0f.%06d", seconds.rounded(.down), Int(getpid()) % 1_000_000)
        var (path, descriptor, number) = ("", Int32(-1), 0)
        repeat {
            path = "\(folder)/\(Self.prefix)\(stamp).\(number)"
            descriptor = Foundation.open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            number += 1
        } while descriptor < 0 && errno == EEXIST && number < 1000
        guard descriptor >= 0 else { throw FileError(path, "cannot be written", code: errno) }
        (self.path, self.descriptor) = (path, descriptor)
        try write(.fileVersion("brain.Event:2"), step: 0, time: time)
        try write(.sessionLog(.with { $0.status = .start }), step: step, time: time)
    }

    deinit { close(descriptor) }

    private static let prefix = "events.out.tfevents."

    /// The seconds in the name of the latest file: one of the same second, or of a clock that was ahead, must not come
    /// behind a new one.
    private static func latest(in folder: String) -> Double? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.compactMap { name in
            let digits = name.dropFirst(prefix.count).prefix { $0 != "." }
            return digits.count == 10 ? Int(digits).map(Double.init) : nil
        }.filter { $0 < 9_999_999_999 }.max()
    }

    /// - Parameters:
    ///   - values: by their names; a slash groups them. Those that are not finite are left out.
    ///   - step: updates done.
    /// - Throws: `FileError`, for instance on a full disk.
    public func append(_ values: [(tag: String, value: EventValue)], step: Int, time: Date = .now) throws {
        let shown = values.filter { _, value in
            if case .scalar(let number) = value { number.isFinite } else { true }
        }
        guard !shown.isEmpty else { return }
        try write(
            .summary(.with { $0.value = shown.map { $0.value.message(tag: $0.tag) } }), step: step, time: time
        )
    }

    private func write(_ content: TensorBoardEvent.OneOf_What, step: Int, time: Date) throws {
        let event = TensorBoardEvent.with {
            $0.wallTime = time.timeIntervalSince1970
            $0.step = Int64(step)
            $0.what = content
        }
        let bytes: [UInt8] = try event.serializedBytes()
        let length = littleEndian(UInt64(bytes.count))
        let record = length + littleEndian(CRC32C.masked(length)) + bytes + littleEndian(CRC32C.masked(bytes))
        if let code = record.withUnsafeBytes({ writeAll($0, to: descriptor) }) {
            throw FileError(path, "cannot be written", code: code)
        }
    }
}

/// The cyclic redundancy check with Castagnoli's polynomial (RFC 3720, appendix B.4), which frames TensorBoard's records.
package enum CRC32C {
    /// The remainder of each byte; the polynomial 0x1EDC6F41 with its bits reversed.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 0 ? 0 : 0x82F6_3B78) }
    }

    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }

    /// Rotated and shifted, as TFRecord files hold it: a checksum of data that hold their own checksum says little.
    package static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}

/// The bytes of a number, the lowest first.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
