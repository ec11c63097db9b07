import Foundation
import Tensors

/// What a process reports.
struct Timing: Codable {
    let seconds: [Double]
    /// In nats per prediction, of each update.
    var losses: [Double] = []
    /// Σ of the squared distances of frames to their centroids.
    var inertia: Double?
    /// Bytes of resident memory.
    var peak = ProcessMemory.peakBytes
}

func printJSON(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// A file of raw float32 samples in this machine's byte order, read without a second copy in memory.
func readSamples(_ path: String) throws -> [Float] {
    let handle = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? handle.close() }
    let bytes = Int(try handle.seekToEnd())
    try handle.seek(toOffset: 0)
    return try [Float](unsafeUninitializedCapacity: bytes / 4) { buffer, count in
        let raw = UnsafeMutableRawBufferPointer(buffer)
        var done = 0
        while done < bytes / 4 * 4 {
            let part = read(handle.fileDescriptor, raw.baseAddress.map { $0 + done }, bytes / 4 * 4 - done)
            guard part > 0 else { throw CocoaError(.fileReadUnknown) }
            done += part
        }
        count = bytes / 4
    }
}
