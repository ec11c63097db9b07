import Foundation

/// A folder for one benchmark, removed with it.
public final class TemporaryFolder: Sendable {
    public let path: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "vqw2v-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    public func file(_ name: String) -> String { path + "/" + name }

    /// Ten WAV files of 10 s each, 16 kHz, 16 bits, as the folder `recordings`.
    /// - Returns: the folder's path.
    public func writeRecordings(count: Int = 10, seconds: Int = 10) throws -> String {
        let folder = file("recordings")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let waveform = PaperModel.waveform(samples: seconds * PaperModel.sampleRate)
        for index in 0..<count {
            try Self.wave(waveform).write(to: URL(filePath: "\(folder)/\(index).wav"))
        }
        return folder
    }

    /// A WAV file of one channel of 16 bits.
    private static func wave(_ samples: [Float]) -> Data {
        func bytes(_ value: some FixedWidthInteger) -> Data {
            withUnsafeBytes(of: value.littleEndian) { Data($0) }
        }
        let size = UInt32(2 * samples.count)
        let rate = UInt32(PaperModel.sampleRate)
        var data = Data("RIFF".utf8) + bytes(36 + size) + Data("WAVEfmt ".utf8) + bytes(UInt32(16))
        data += bytes(UInt16(1)) + bytes(UInt16(1)) + bytes(rate) + bytes(2 * rate) + bytes(UInt16(2))
        data += bytes(UInt16(16)) + Data("data".utf8) + bytes(size)
        let values = samples.map { Int16(max(-1, min(1, $0)) * 32_767).littleEndian }
        return data + values.withUnsafeBytes { Data($0) }
    }
}
