import ArgumentParser
import Checkpoints
import Communication
import Foundation
import SystemPackage
import Training
import VQWav2Vec

struct Train: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Train a model on recordings.",
        usage: "vqw2v train --output <folder> [<options>] <data> ...",
        discussion: """
            The configuration is a preset, over it a YAML file, over that single values. It is printed, saved \
            as DIR/config.yaml, and part of every checkpoint. DIR also gets last.safetensors, \
            best.safetensors, log.jsonl and event files for TensorBoard.

            SIGINT (Ctrl-C), SIGTERM and SIGHUP finish the update, save and exit with 130, 143 or 129; \
            --resume goes on with exactly the numbers that the run would have had.
            """)

    static let examples = [
        "vqw2v train recordings/ -o runs/first",
        "vqw2v train train.tsv --validation valid.tsv --preset paper -o runs/paper --dry-run",
        "vqw2v train recordings/ -o runs/kmeans --set quantizer.kind=kmeans",
        "vqw2v train recordings/ -o runs/first --resume --set training.max_updates=3000",
    ]

    @Argument(help: InputOptions.help)
    var data: [FilePath]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Folder of the run.", valueName: "folder"),
        completion: .directory)
    var output: String

    @Option(
        help: ArgumentHelp(
            "Data to validate on, one argument. Can be repeated. (default: a share of DATA, "
                + "data.validation_fraction)", valueName: "data"))
    var validation: [FilePath] = []

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Go on with the run in --output.")
    var resume = false

    @Option(
        help: ArgumentHelp(
            "Begin a new run with the weights of this checkpoint (as of quantize), and nothing else.",
            valueName: "file"), completion: .checkpoint)
    var initFrom: String?

    @Option(
        help: ArgumentHelp("Stop, save and exit after so many updates in all.", valueName: "updates"))
    var stopAfter: Int?

    @Flag(
        help:
            "Say what would be read and how it is batched, try one batch for time and memory, write nothing.")
    var dryRun = false

    @Flag(help: "Convert recordings of another sample rate instead of refusing them.")
    var resample = false

    @Flag(help: "Pass over recordings that cannot be used, and list them, instead of ending with the first.")
    var skipUnusable = false

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        if resume, initFrom != nil {
            throw ValidationError(
                "--resume goes on with a run, --init-from begins a new one: give one of them")
        }
        if resume, options.preset != nil || options.config != nil {
            throw ValidationError(
                "--resume takes the configuration of the run: leave out --preset and --config")
        }
        if let stopAfter, stopAfter < 1 {
            throw ValidationError("--stop-after must be at least 1, not \(stopAfter)")
        }
        if let doubtful = Self.doubtfulArgument(CommandLine.arguments, data: data) {
            throw ValidationError(
                "\(doubtful) stands behind --validation and its value, though DATA stands before: write "
                    + "\"--validation \(doubtful)\" to validate on it, or put it before to train on it")
        }
    }

    /// `train a --validation v b`: --validation takes one value, but who writes this may think that it takes
    /// several.
    static func doubtfulArgument(_ arguments: [String], data: [FilePath]) -> String? {
        for (index, argument) in arguments.enumerated() where argument == "--validation" {
            guard index + 2 < arguments.count,
                data.contains(where: { $0.description == arguments[index + 2] }),
                let first = data.first, arguments[..<index].contains(first.description)
            else { continue }
            return arguments[index + 2]
        }
        return nil
    }

    func run() throws {
        try compute.apply()
        try amongProcesses { try run($0) }
    }

    private func run(_ communicator: any Communicator) throws {
        let folder = RunFolder(path: output)
        let trainer = try communicator.together {
            resume ? try resumed(folder, communicator) : try begun(folder, communicator)
        }
        if dryRun { return }
        let stop = StopSignal()
        stop.listen(inJob: communicator.size > 1)
        let outcome = try trainer.run(stop: stop, limit: stopAfter)
        if communicator.isFirst {
            if !trainer.unusablePaths.isEmpty {
                printError("skipped as unusable: \(trainer.unusablePaths.joined(separator: ", "))")
            }
            printError("next: \(nextCommand(outcome, trainer, folder))")
        }
        if outcome == .stopped, let code = stop.exitCode { throw ExitCode(code) }
    }

    private func begun(_ folder: RunFolder, _ communicator: any Communicator) throws -> Trainer {
        let run = try options.resolve()
        try folder.requireUnused()
        if let config = options.config, try folder.wouldReplace(config, with: run) {
            throw TrainingError.wouldReplace(config, with: "the complete configuration of the run")
        }
        let weights = try initFrom.map { try Checkpoint(path: $0) }
        let data = try read(run, communicator)
        let trainer = try Trainer(
            run, data: data, folder: folder, weights: weights, communicator: communicator)
        if communicator.isFirst { try describe(trainer, data) }
        return trainer
    }

    private func resumed(_ folder: RunFolder, _ communicator: any Communicator) throws -> Trainer {
        guard let path = folder.resumable else { throw TrainingError.nothingToResume(folder) }
        try folder.requireFree()
        let checkpoint = try Checkpoint(path: path)
        try checkpoint.requireRun()
        let run = try checkpoint.configuration.resumed(settings: options.set)
        let data = try read(run, communicator)
        let trainer = try Trainer(
            resuming: checkpoint, configuration: run, data: data, folder: folder, communicator: communicator)
        guard communicator.isFirst else { return trainer }
        printError("resuming \(path) after update \(checkpoint.state.update)")
        try describe(trainer, data)
        return trainer
    }

    private func read(_ run: RunConfiguration, _ communicator: any Communicator) throws -> TrainingData {
        let data = try TrainingData(
            data, validation: validation, configuration: run, resample: resample,
            skippingUnusable: skipUnusable)
        for problem in data.unusable where communicator.isFirst {
            printError("skipped: \(sentence(of: problem))")
        }
        return data
    }
}
