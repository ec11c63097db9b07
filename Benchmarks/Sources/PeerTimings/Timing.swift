import Foundation
import Tensors
import Workloads

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

/// Times updates, and prints them as a line of JSON and their stages to standard error.
/// - Parameters:
///   - warmUp: updates before those, of which the first one's loss is printed too.
///   - stages: their names.
///   - update: makes one; its loss in nats per prediction, and seconds of each stage.
func printUpdates(
    _ repeats: Int, warmUp: Int, stages: [String], _ update: () throws -> (loss: Double, stages: [Double])
) throws {
    var losses = [try update().loss]
    for _ in 1..<warmUp { _ = try update() }
    var parts: [[Double]] = []
    let times = try (0..<repeats).map { _ in
        try seconds {
            let result = try update()
            losses.append(result.loss)
            parts.append(result.stages)
        }
    }
    for (index, name) in stages.enumerated() {
        let seconds = parts.map { String(format: "%.3f", $0[index]) }.joined(separator: " ")
        FileHandle.standardError.write(Data("\(name): \(seconds) s\n".utf8))
    }
    try printJSON(Timing(seconds: times, losses: losses))
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
