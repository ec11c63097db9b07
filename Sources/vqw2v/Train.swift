import ArgumentParser
import Foundation
import Training
import VQWav2Vec

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model on recordings.",
        discussion: """
            The configuration is a preset, over it a YAML file, over that single values. It is printed, saved \
            as DIR/config.yaml, and part of every checkpoint. DIR also gets last.safetensors, \
            best.safetensors and log.jsonl.

            SIGINT and SIGTERM finish the update, save and exit; --resume goes on with exactly the numbers \
            that the run would have had.
            """)

    @Argument(help: InputOptions.help)
    var data: [String]

    @Option(help: "Folder of the run.")
    var output: String

    @Option(
        parsing: .upToNextOption,
        help: "Data to validate on. (default: a share of DATA, data.validation_fraction)")
    var validation: [String] = []

    @Option(help: "small, ablation, paper or fairseq. (default: small, or what --config names)")
    var preset: Preset?

    @Option(help: "YAML file with any part of the configuration.")
    var config: String?

    @Option(help: "A single value: KEY=VALUE, such as quantizer.kind=kmeans. Can be repeated.")
    var set: [String] = []

    @Flag(help: "Go on with the run in --output.")
    var resume = false

    @Option(
        help:
            "Begin a new run with the weights of this checkpoint, of vqw2v or of fairseq (.pt), and nothing else."
    )
    var initFrom: String?

    @Option(help: "Stop, save and exit after so many updates in all, as on a signal.")
    var stopAfter: Int?

    @Flag(help: "Convert recordings of another sample rate instead of refusing them.")
    var resample = false

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        if resume, initFrom != nil {
            throw ValidationError(
                "--resume goes on with a run, --init-from begins a new one: give one of them")
        }
        if resume, preset != nil || config != nil {
            throw ValidationError(
                "--resume takes the configuration of the run: leave out --preset and --config")
        }
        if let stopAfter, stopAfter < 1 {
            throw ValidationError("--stop-after must be at least 1, not \(stopAfter)")
        }
    }

    func run() throws {
        try compute.apply()
        // A reader of the log that went away must not end the run.
        signal(SIGPIPE, SIG_IGN)
        let folder = RunFolder(path: output)
        let stop = StopSignal()
        let trainer = resume ? try resumed(folder) : try begun(folder)
        stop.listen()
        try trainer.run(stop: stop, limit: stopAfter)
    }

    private func begun(_ folder: RunFolder) throws -> Trainer {
        let run = try RunConfiguration.resolve(
            preset: preset, file: config.map { URL(fileURLWithPath: $0) }, settings: set)
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
        let run = try checkpoint.configuration.resumed(settings: set)
        let data = try TrainingData(data, validation: validation, configuration: run, resample: resample)
        let trainer = try Trainer(resuming: checkpoint, configuration: run, data: data, folder: folder)
        printError("resuming \(folder.last) after update \(checkpoint.state.update)")
        try describe(trainer, data)
        return trainer
    }

    private func describe(_ trainer: Trainer, _ data: TrainingData) throws {
        printError(try trainer.configuration.yaml(), terminator: "")
        let parameters = trainer.model.parts.map { "\($0.name) \(grouped($0.count))" }
        printError(
            "model: \(grouped(trainer.model.parameterCount)) parameters (\(parameters.joined(separator: ", ")))"
        )
        printError("data: \(data.summary)")
    }
}

extension Preset: ExpressibleByArgument {}
