import Foundation
import TestSupport
import Testing

/// A folder with synthetic recordings, a configuration and, on demand, a trained model; it lives as long as
/// this object.
final class Workplace {
    private let folder: TemporaryFolder
    let program: Program

    init(recordings: Int = 5) throws {
        folder = try TemporaryFolder()
        program = Program(folder: folder.path)
        try FileManager.default.createDirectory(
            atPath: path + "/data", withIntermediateDirectories: true)
        for index in 0..<recordings {
            try write(waveFile(sweep(1500 + 300 * index, start: index)), to: "data/\(index).wav")
        }
        try write(Self.configuration, to: "tiny.yaml")
    }

    var path: String { folder.path }

    /// A model that trains in milliseconds.
    static let configuration = """
        encoder: {layers: [[8, 10, 5], [8, 8, 4]]}
        quantizer: {groups: 2, variables: 8}
        aggregator: {layers: [[8, 3, 1]], dropout: 0.1}
        prediction: {steps: 2, negatives: 3}
        data: {max_sample_size: 1000, max_samples: 4000, max_utterances: 2, validation_fraction: 0.2}
        training: {max_updates: 6, log_every: 1, validate_every: 3, save_every: 2}

        """

    /// Trains the run `name` and returns its last checkpoint.
    @discardableResult
    func train(_ name: String = "run", _ more: String...) throws -> String {
        let result = try program.run(["train", "data", "--config", "tiny.yaml", "--output", name] + more)
        try #require(result.code == 0, "\(result.errors)")
        #expect(result.output.isEmpty)
        return "\(name)/last.safetensors"
    }

    /// The recordings as an archive `wav.ark` with its table `wav.scp`, under the keys a-0, a-1, …
    func writeArchive(recordings: Int = 5) throws {
        var (archive, table): ([UInt8], String) = ([], "")
        for index in 0..<recordings {
            archive += Array("a-\(index) ".utf8)
            table += "a-\(index) wav.ark:\(archive.count)\n"
            archive += [UInt8](try bytes("data/\(index).wav"))
        }
        try write(archive, to: "wav.ark")
        try write(table, to: "wav.scp")
    }

    func write(_ text: String, to name: String) throws { try folder.write(text, to: name) }

    func write(_ bytes: [UInt8], to name: String) throws { try folder.write(bytes, to: name) }

    func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    /// Every file below the folder, hidden ones too.
    func files() throws -> Set<String> {
        Set(try FileManager.default.subpathsOfDirectory(atPath: path))
    }
}

/// A tone that rises and falls.
func sweep(_ count: Int, start: Int) -> [Int16] {
    var phase = 0.0
    return (0..<count).map { index in
        phase += 0.1 + 0.3 * abs(sin(Double(index + 500 * start) / 700))
        return Int16(9000 * sin(phase))
    }
}

/// The bytes of a WAV file of one channel: 16-bit values, or with `format` 3 the bits of 32-bit floats.
func waveFile(_ values: [Int16], rate: UInt32 = 16000) -> [UInt8] {
    waveFile(
        values.flatMap { littleEndian(UInt32(UInt16(bitPattern: $0)), 2) }, format: 1, width: 2, rate: rate)
}

func waveFile(floats: [Float], rate: UInt32 = 16000) -> [UInt8] {
    waveFile(floats.flatMap { littleEndian($0.bitPattern) }, format: 3, width: 4, rate: rate)
}

private func waveFile(_ content: [UInt8], format: UInt32, width: UInt32, rate: UInt32) -> [UInt8] {
    var bytes = Array("RIFF".utf8) + littleEndian(UInt32(36 + content.count)) + Array("WAVEfmt ".utf8)
    bytes +=
        littleEndian(16) + littleEndian(format, 2) + littleEndian(1, 2) + littleEndian(rate)
        + littleEndian(width * rate)
    bytes += littleEndian(width, 2) + littleEndian(8 * width, 2)
    return bytes + Array("data".utf8) + littleEndian(UInt32(content.count)) + content
}

private func littleEndian(_ value: UInt32, _ count: Int = 4) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
}
