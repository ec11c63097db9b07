import ArgumentParser
import Checkpoints
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
            best.safetensors and log.jsonl.

            SIGINT and SIGTERM finish the update, save and exit; --resume goes on with exactly the numbers \
            that the run would have had.
            """)

    static let examples = [
        "vqw2v train recordings/ -o runs/first",
        "vqw2v train train.tsv --validation valid.tsv --preset paper -o runs/paper",
        "vqw2v train recordings/ -o runs/kmeans --set quantizer.kind=kmeans",
        "vqw2v train recordings/ -o runs/first --resume --set training.max_updates=3000",
    ]

    @Argument(help: InputOptions.help)
    var data: [FilePath]

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Folder of the run.", valueName: "folder"), completion: .directory)
    var output: String

    @Option(
        parsing: .upToNextOption,
        help: "Data to validate on. (default: a share of DATA, data.validation_fraction)")
    var validation: [FilePath] = []

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Go on with the run in --output.")
    var resume = false

    @Option(
        help: ArgumentHelp(
            "Begin a new run with the weights of this checkpoint, of vqw2v or of fairseq (.pt), and nothing else.",
            valueName: "file"), completion: .checkpoint)
    var initFrom: String?

    @Option(
        help: ArgumentHelp(
            "Stop, save and exit after so many updates in all, as on a signal.", valueName: "updates"))
    var stopAfter: Int?

    @Flag(help: "Convert recordings of another sample rate instead of refusing them.")
    var resample = false

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
    }

    func run() throws {
        compute.apply()
        // A reader of the log that went away must not end the run.
        signal(SIGPIPE, SIG_IGN)
        let folder = RunFolder(path: output)
        let stop = StopSignal()
        let trainer = resume ? try resumed(folder) : try begun(folder)
        stop.listen()
        try trainer.run(stop: stop, limit: stopAfter)
    }

    private func begun(_ folder: RunFolder) throws -> Trainer {
        let run = try options.resolve()
        let weights = try initFrom.map { try Checkpoint(path: $0) }
        let data = try TrainingData(data, validation: validation, configuration: run, resample: resample)
        let trainer = try Trainer(run, data: data, folder: folder, weights: weights)
        try describe(trainer, data)
        return trainer
    }

    private func resumed(_ folder: RunFolder) throws -> Trainer {
        guard folder.canResume else {
            throw TrainingError(
                "\(folder.path) has no \(folder.last) to resume: leave out --resume to begin a run")
        }
        let checkpoint = try Checkpoint(path: folder.last)
        try checkpoint.requireRun()
        let run = try checkpoint.configuration.resumed(settings: options.set)
        let data = try TrainingData(data, validation: validation, configuration: run, resample: resample)
        let trainer = try Trainer(resuming: checkpoint, configuration: run, data: data, folder: folder)
        printError("resuming \(folder.last) after update \(checkpoint.state.update)")
        try describe(trainer, data)
        return trainer
    }

    private func describe(_ trainer: Trainer, _ data: TrainingData) throws {
        for note in data.notes { printError("note: \(note)") }
        printError(try trainer.configuration.yaml(), terminator: "")
        let parameters = trainer.model.parts.map { "\($0.name) \(grouped($0.count))" }
        printError(
            "model: \(grouped(trainer.model.parameterCount)) parameters (\(parameters.joined(separator: ", ")))"
        )
        printError("data: \(data.summary)")
    }
}
