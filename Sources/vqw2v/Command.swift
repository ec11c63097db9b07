import ArgumentParser
import Checkpoints
import Tensors
import Training

@main
struct Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vqw2v",
        abstract: "Learn discrete units of speech (vq-wav2vec), and turn audio into their ids.",
        version: Checkpoint.programVersion,
        subcommands: [Train.self, Quantize.self, Extract.self, Inspect.self, Convert.self])

    static func main() { main(RawArguments.encoded) }
}

/// Options that several commands have.
struct ComputeOptions: ParsableArguments {
    @Option(help: "Threads for everything. Results do not depend on it. (default: all cores)")
    var threads: Int?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, not \(threads)") }
    }

    func apply() {
        if let threads { Parallel.threads = threads }
    }
}
