import ArgumentParser
import Checkpoints
import Foundation
import Layers
import Tensors
import Wav2Vec2
import Workloads

/// wav2vec 2.0 BASE.
struct Base: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The same of wav2vec 2.0 BASE.",
        subcommands: [BaseCheckpoint.self, BaseUpdates.self, BaseTokens.self, BaseContexts.self])
}

struct BaseCheckpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Writes a model with random weights.")

    @Option var output: String

    func run() throws { try BaseModel.writeCheckpoint(output) }
}

struct BaseUpdates: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "update", abstract: "Training updates.")

    @Option var batch = 1
    @Option(help: "Measured updates, after one to warm up.")
    var repeats = 3
    @Option(help: "Weights to start from; random ones where it is left out.")
    var checkpoint: String?
    @Option(help: "Of the operands of large products.", transform: parsePrecision)
    var precision = Precision.float32
    @OptionGroup var threads: Threads

    func run() throws {
        threads.apply()
        let update = try BaseUpdate(batch: batch, precision: precision)
        if let checkpoint { try update.load(checkpoint) }
        try printUpdates(repeats, warmUp: 1, stages: BaseUpdate.stages) { try update() }
    }
}

struct BaseTokens: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ids", abstract: "The ids of a recording.")

    @OptionGroup var work: TokenWork

    func run() throws {
        let model = try Checkpoint(path: work.checkpoint).wav2vec2InferenceModel()
        try work.measure { try model.quantize($0) }
    }
}

struct BaseContexts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contexts", abstract: "The transformer's output of a recording.")

    @Option var checkpoint: String
    @Option(help: "Raw little-endian float32 samples at 16 kHz.")
    var waveform: String
    @Option(help: "File for the frames, raw float32.")
    var frames: String
    @Option(help: "Measured calls, after one to warm up.")
    var repeats = 3
    @OptionGroup var threads: Threads

    func run() throws {
        threads.apply()
        let extractor = try Wav2Vec2FeatureExtractor(
            Checkpoint(path: checkpoint).wav2vec2Model(), layer: .c)
        let samples = try readSamples(waveform)
        var output = try extractor(samples)
        let times = try (0..<repeats).map { _ in try seconds { output = try extractor(samples) } }
        try output.values.withUnsafeBytes { try Data($0).write(to: URL(filePath: frames)) }
        try printJSON(Timing(seconds: times))
    }
}
