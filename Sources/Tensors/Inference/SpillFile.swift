import Foundation

/// A temporary file of floats without a name: the system removes it when it is closed or the process ends.
final class SpillFile {
    private let folder: String
    private let descriptor: Int32

    /// - Throws: `SpillError` where no file can be made in the folder.
    init(folder: String) throws {
        self.folder = folder
        var template = Array("\(folder)/vqw2v-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw SpillError(folder, code: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
    }

    deinit { close(descriptor) }

    /// - Parameter offset: in floats.
    func write(_ values: Tensor, at offset: Int) throws {
        try transfer(values, at: offset) { pwrite(descriptor, $0, $1, $2) }
    }

    /// - Parameter offset: in floats.
    func read(_ values: Tensor, at offset: Int) throws {
        try transfer(values, at: offset) { pread(descriptor, $0, $1, $2) }
    }

    private func transfer(
        _ values: Tensor, at offset: Int, _ call: (UnsafeMutableRawPointer, Int, off_t) -> Int
    ) throws {
        let size = MemoryLayout<Float>.stride
        var done = 0
        while done < values.count * size {
            let count = call(
                UnsafeMutableRawPointer(values.pointer) + done, values.count * size - done,
                off_t(offset * size + done))
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                throw SpillError(folder, code: count == 0 ? EIO : errno)
            }
        }
    }
}

/// Why the temporary files of a long recording cannot be kept, and the remedy.
public struct SpillError: Error, CustomStringConvertible, Equatable {
    public let description: String

    init(_ folder: String, code: Int32) {
        description =
            "temporary files cannot be kept in \(folder) (\(String(cString: strerror(code)))): "
            + Self.remedy
    }

    /// The folder lacks the room.
    init(_ folder: String, needed: Int, free: Int) {
        func gigabytes(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) / 1e9) }
        description =
            "needs \(gigabytes(needed)) of temporary files, and \(folder) has \(gigabytes(free)) free: "
            + Self.remedy
    }

    private static let remedy = "let TMPDIR name a folder with more room"
}
