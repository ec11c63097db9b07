import Checkpoints
import Foundation
import Speech
import SystemPackage
import TensorFiles
import TestSupport
import Testing
import Training
import VQWav2Vec

/// A folder with a few synthetic recordings and runs on them; it lives as long as this object.
final class TinyRuns {
    private let temporary: TemporaryFolder

    init(recordings: Int = 6) throws {
        temporary = try TemporaryFolder()
        for index in 0..<recordings {
            try write(tones(1600 + 100 * index, seed: UInt64(index)), to: "data/\(index).wav")
        }
    }

    var path: String { temporary.path }

    var data: String { path + "/data" }

    func folder(_ name: String) -> RunFolder { RunFolder(path: "\(path)/\(name)") }

    func write(_ values: [Int16], to name: String) throws {
        try temporary.write(waveFile(values), to: name)
    }

    /// Trains in the folder `name`, from the start or, with `resume`, from its last checkpoint.
    @discardableResult
    func train(
        _ name: String, _ configuration: RunConfiguration, upTo limit: Int? = nil, resume: Bool = false,
        weights: Checkpoint? = nil, screen: RunScreen = RunScreen(), stop: StopSignal = StopSignal(),
        skippingUnusable: Bool = false
    ) throws -> RunFolder {
        let folder = folder(name)
        let data = try TrainingData(
            [data], configuration: configuration, skippingUnusable: skippingUnusable)
        let trainer =
            resume
            ? try Trainer(
                resuming: Checkpoint(path: folder.resumable ?? folder.last), configuration: configuration,
                data: data, folder: folder, output: screen.output())
            : try Trainer(
                configuration, data: data, folder: folder, weights: weights, output: screen.output())
        try trainer.run(stop: stop, limit: limit)
        return folder
    }
}

/// A configuration that trains in milliseconds.
func tiny(_ kind: QuantizerConfiguration.Kind = .gumbel, updates: Int = 6) -> RunConfiguration {
    var run = Preset.small.configuration
    run.model.encoder.layers = [.init(8, 10, 5), .init(8, 8, 4)]
    run.model.aggregator.layers = [.init(8, 3, 1), .init(8, 3, 1)]
    run.model.quantizer.kind = kind
    run.model.quantizer.variables = 4
    run.model.prediction.steps = 2
    run.model.prediction.offset = 1
    run.model.prediction.negatives = 3
    run.schedule.warmupUpdates = 2
    run.data.maxSampleSize = 1000
    run.data.maxSamples = 8000
    run.data.maxUtterances = 2
    run.data.validationFraction = 0.3
    run.training.maxUpdates = updates
    run.training.logEvery = 1
    run.training.validateEvery = 0
    run.training.saveEvery = 0
    return run
}

/// Four tones that follow each other, a different one first in each recording, and a little noise.
func tones(_ count: Int, seed: UInt64) -> [Int16] {
    var (phase, state) = (0.0, seed &* 2 + 1)
    return (0..<count).map { index in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        phase += 2 * .pi * Double(300 + 200 * ((UInt64(index / 400) + seed) % 4)) / 16000
        return Int16(8000 * sin(phase) + Double(state >> 54))
    }
}

/// The bytes of a 16-bit WAV file of one channel.
func waveFile(_ values: [Int16], rate: UInt32 = 16000) -> [UInt8] {
    func little(_ value: UInt32, _ count: Int = 4) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }
    let content = values.flatMap { little(UInt32(UInt16(bitPattern: $0)), 2) }
    var bytes = Array("RIFF".utf8) + little(UInt32(36 + content.count)) + Array("WAVEfmt ".utf8)
    bytes += little(16) + little(1, 2) + little(1, 2) + little(rate) + little(2 * rate)
    bytes += little(2, 2) + little(16, 2)
    return bytes + Array("data".utf8) + little(UInt32(content.count)) + content
}

/// What a run printed.
final class RunScreen {
    var text = ""
    /// Called with every line.
    var seen: (String) -> Void = { _ in }

    func output() -> LogOutput {
        LogOutput(
            width: { nil },
            write: { line in
                self.text += line
                self.seen(line)
            })
    }
}

extension RunFolder {
    func bytes(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file)) }

    /// The lines of the log of one type.
    func logLines(_ type: String? = nil) throws -> [[String: Any]] {
        let text = try #require(String(data: try bytes(log), encoding: .utf8))
        #expect(text.isEmpty || text.hasSuffix("\n"))
        let lines = try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        return type == nil ? lines : lines.filter { $0["type"] as? String == type }
    }

    func updates(_ type: String) throws -> [Int] {
        try logLines(type).map { try #require($0["update"] as? Int) }
    }

    /// Writes the last checkpoint anew with changes.
    /// - Parameters:
    ///   - change: takes the name, shape and values of a tensor; nil leaves the tensor out.
    ///   - metadata: changes the strings.
    func rewriteLast(
        metadata: (inout [String: String]) -> Void = { _ in },
        change: (String, [Int], [Float]) -> ([Int], [Float])? = { ($1, $2) },
        counts: (String, [Int], [Int64]) -> ([Int], [Int64]) = { ($1, $2) }
    ) throws {
        let file = try SafetensorsFile(path: last)
        var strings = file.metadata
        metadata(&strings)
        var tensors: [SafetensorsTensor] = []
        for name in file.names {
            let entry = try file.entry(name)
            if entry.dtype == .int64 {
                let (shape, values) = counts(name, entry.shape, try file.integers(name))
                tensors.append(SafetensorsTensor(name: name, shape: shape, integers: values))
            } else if let (shape, values) = change(name, entry.shape, try file.floats(name)) {
                tensors.append(SafetensorsTensor(name: name, shape: shape, floats: values))
            }
        }
        try SafetensorsWriter.write(last, tensors: tensors, metadata: strings, checksums: true)
    }
}

// For paths that are strings.
extension TrainingData {
    init(
        _ arguments: [String], validation: [String] = [], configuration: RunConfiguration,
        resample: Bool = false, skippingUnusable: Bool = false
    ) throws {
        try self.init(
            arguments.map { FilePath($0) }, validation: validation.map { FilePath($0) },
            configuration: configuration, resample: resample, skippingUnusable: skippingUnusable)
    }
}
