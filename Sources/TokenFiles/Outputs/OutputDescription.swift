import Files
import Foundation
import TensorFiles
import VQWav2Vec

/// What an output was made with and how to read it: the checkpoint, its hash and configuration, the options.
///
/// It depends on nothing else, so the parts of a divided job get equal descriptions.
public struct OutputDescription {
    /// Values by the key under which they stand in the file.
    public private(set) var fields: [String: JSONValue]
    private let checkpointHash: FileHash

    /// - Parameters:
    ///   - program: name and version.
    ///   - checkpoint: its hash, perhaps still being computed.
    ///   - configuration: of the checkpoint, a JSON document.
    ///   - timing: where the frames lie.
    /// - Throws: `JSONError` for a configuration that is not JSON.
    public init(
        program: String, checkpoint: FileHash, configuration: String, timing: FrameTiming
    ) throws {
        checkpointHash = checkpoint
        fields = [
            "program": .string(program), "checkpoint": .string(checkpoint.path),
            "configuration": try JSONValue(parsing: configuration),
            "sample_rate": .integer(timing.sampleRate), "hop_samples": .integer(timing.hop),
            "window_samples": .integer(timing.window), "history_frames": .integer(timing.history),
            "frame_rate": .number(timing.rate), "first_frame_seconds": .number(timing.firstFrame),
        ]
    }

    mutating func add(_ more: [String: JSONValue]) { fields.merge(more) { $1 } }

    /// The hash of the checkpoint in hexadecimal digits; waits until it is known.
    /// - Throws: `FileError` where the checkpoint could not be read.
    public func checkpointSHA256() throws -> String { try checkpointHash.value() }

    /// Where the description of an output stands that has no place for it: beside it, under its name and
    /// `.json`.
    static func path(beside output: String) -> String {
        var name = output[...]
        while name.count > 1, name.last == "/" { name.removeLast() }
        return name + ".json"
    }

    /// Writes the description as a JSON document and makes the file final.
    /// - Throws: `FileError`.
    func write(to file: AtomicFile) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(JSONValue.object(whole()))
        try file.write(Array(data) + [UInt8(ascii: "\n")])
        try file.commit()
    }

    /// The description as pairs of strings: what is not a string is a JSON document.
    /// - Throws: `FileError` where the checkpoint could not be read.
    func metadata() throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try whole().mapValues { value in
            if case .string(let text) = value { return text }
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        }
    }

    private func whole() throws -> [String: JSONValue] {
        fields.merging(["checkpoint_sha256": .string(try checkpointSHA256())]) { $1 }
    }
}
