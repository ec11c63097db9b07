import ArgumentParser
import Checkpoints
import Foundation
import Speech
import Tensors
import Training

@main
struct Command: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        commandName: "vqw2v",
        abstract: "Learn discrete units of speech (vq-wav2vec), and turn audio into their ids.",
        version: Checkpoint.programVersion,
        subcommands: [
            Train.self, Config.self, Quantize.self, Extract.self, Evaluate.self, Cluster.self, Report.self,
            Inspect.self,
            Convert.self,
        ])

    static let examples = [
        "vqw2v train recordings/ -o runs/first",
        "vqw2v quantize -c runs/first/best.safetensors recordings/ > ids.tsv",
        "vqw2v --generate-completion-script bash > ~/.local/share/bash-completion/completions/vqw2v",
    ]
}

extension CompletionKind {
    /// Checkpoints of ours and of fairseq.
    static var checkpoint: CompletionKind { .file(extensions: ["safetensors", "pt"]) }
}

/// Options that several commands have.
struct ComputeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Threads for everything. Results do not depend on it. (default: all cores)", valueName: "count"))
    var threads: Int?

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, not \(threads)") }
    }

    /// - Throws: `DataError` where too few files may be open: what looks after threads needs some, and ends the process
    ///   where there are none.
    func apply() throws {
        let probes = (0..<6).map { _ in fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3) }
        let code = errno
        for probe in probes where probe >= 0 { close(probe) }
        if probes.contains(where: { $0 < 0 }), code == EMFILE {
            throw DataError.unsuitable(
                "too few files may be open at once: raise the limit, as in: ulimit -n 256")
        }
        if let threads { Parallel.threads = threads }
    }
}
