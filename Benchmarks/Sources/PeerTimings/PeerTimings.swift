import ArgumentParser
import Checkpoints
import Foundation
import Layers
import Tensors
import Training
import VQWav2Vec
import Workloads

/// Our side of `make benchmark-peers`: each call measures one work in a process of its own, so that the peak
/// of memory is that work's, and prints one line of JSON.
@main
struct PeerTimings: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Times one work at the paper's size and prints a line of JSON.",
        subcommands: [
            MachineLimits.self, Costs.self, NewCheckpoint.self, Update.self, Tokens.self, Load.self,
            Clusters.self, Base.self, Gradients.self,
        ])
}

struct Threads: ParsableArguments {
    @Option(help: "Threads of all operations.")
    var threads = 2

    func apply() { Parallel.threads = threads }
}

struct MachineLimits: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine", abstract: "Rates of large matrix products and copies.")

    @OptionGroup var threads: Threads

    func run() throws { try printJSON(Machine.measure(threads: threads.threads)) }
}

struct NewCheckpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint", abstract: "Writes a model with random weights.")

    @Option(transform: parseKind) var kind: PaperModel.Kind
    @Option var output: String

    func run() throws {
        let run = PaperModel.configuration(kind)
        try PaperModel.writeCheckpoint(output, model: Model(run.model), run)
    }
}

struct Update: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Training updates.")

    @Option(transform: parseKind) var kind: PaperModel.Kind
    @Option var batch = 1
    @Option(help: "Measured updates, after two to warm up.")
    var repeats = 5
    @Option(help: "Weights to start from.")
    var checkpoint: String
    @Option(help: "Of the operands of large products.", transform: parsePrecision)
    var precision = Precision.float32
    @OptionGroup var threads: Threads

    func run() throws {
        threads.apply()
        let update = try TrainingUpdate(kind, batch: batch, precision: precision)
        try update.load(checkpoint)
        try printUpdates(repeats, warmUp: 2, stages: TrainingUpdate.stages) { try update() }
    }
}

/// The ids of a recording, whatever the model.
struct TokenWork: ParsableArguments {
    @Option var checkpoint: String
    @Option(help: "Raw little-endian float32 samples at 16 kHz.")
    var waveform: String
    @Option(help: "File for the ids, a line per frame, groups with dashes between them.")
    var ids: String
    @Option(help: "Measured calls, after one to warm up where there are several.")
    var repeats = 5
    @OptionGroup var threads: Threads

    func measure(_ tokenize: ([Float]) throws -> TokenSequence) throws {
        threads.apply()
        let samples = try readSamples(waveform)
        if repeats > 1 { _ = try tokenize(samples) }
        var lines: [String] = []
        let times = try (0..<repeats).map { _ in
            var result: TokenSequence?
            let time = try seconds { result = try tokenize(samples) }
            lines = result.map(Self.lines) ?? []
            return time
        }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: ids))
        try printJSON(Timing(seconds: times))
    }

    private static func lines(_ tokens: TokenSequence) -> [String] {
        (0..<tokens.frames).map { frame in tokens[frame].map(String.init).joined(separator: "-") }
    }
}

struct Tokens: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The ids of a recording.")

    @OptionGroup var work: TokenWork
    @Option(help: "Of the operands of large products.", transform: parsePrecision)
    var precision = Precision.float32

    func run() throws {
        let tokenizer = try Tokenizer(checkpoint: work.checkpoint, precision: precision)
        try work.measure { try tokenizer($0) }
    }
}

struct Load: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "All weights of a checkpoint.")

    @Option var checkpoint: String
    @Option var repeats = 5
    @OptionGroup var threads: Threads

    func run() throws {
        threads.apply()
        // The first is not left out: a program loads once.
        let times = try (0..<repeats).map { _ in
            try seconds { _ = try Checkpoint(path: checkpoint).model() }
        }
        try printJSON(Timing(seconds: times))
    }
}

func parsePrecision(_ name: String) throws -> Precision {
    guard let precision = Precision(rawValue: name) else {
        throw ValidationError("the precision is float32 or bf16")
    }
    return precision
}

private func parseKind(_ name: String) throws -> PaperModel.Kind {
    guard let kind = PaperModel.Kind(rawValue: name), kind != .none else {
        throw ValidationError("the quantizer is gumbel or kmeans")
    }
    return kind
}
