import ArgumentParser
import Checkpoints
import Communication
import Evaluation
import Files
import Foundation
import Speech
import SystemPackage
import TensorFiles
import Tensors
import TokenFiles
import Tokenizers

struct Evaluate: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Judge units: how they are used, and what they tell about phones.",
        usage: """
            vqw2v evaluate --units <path> ... [--alignments <path> ...] [<options>]
            vqw2v evaluate --checkpoint <file> [--alignments <path> ...] [--baseline-data <input> ...] [<options>] <input> ...
            """,
        discussion: """
            A table on stdout, or JSON. Without alignments it tells how units are used: how many, entropy, bitrate, \
            runs; of a checkpoint also how well it predicts, and how many ids change with the recording's level, rate \
            and noise. With alignments, what units tell about phones: purities, PNMI, V-measure, boundaries, ABX \
            errors, with 95 % intervals by bootstrap over utterances. PNMI grows with the number of units: compare \
            like with like, such as clusters of MFCCs, as many as there are units (--baseline-data).
            """)

    static let examples = [
        "vqw2v evaluate -u ids.jsonl -a TIMIT/TEST --names path --silence h# pau epi",
        "vqw2v evaluate -u mine.jsonl other.km -a alignments/ --tier phones --speakers utt2spk --csv utterances.csv",
        "vqw2v evaluate -c runs/first/best.safetensors test/ -a alignments/ --layer z c --baseline-data train/",
    ]

    @Argument(help: InputOptions.help)
    var inputs: [FilePath] = []

    @OptionGroup var unitInput: UnitInputOptions

    @OptionGroup var featureInput: FeatureInputOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Checkpoint to judge on the inputs: of vqw2v, of fairseq (.pt), or a folder of Hugging Face.",
            valueName: "file"),
        completion: .checkpoint)
    var checkpoint: String?

    @Option(
        name: .customLong("layer"), parsing: .upToNextOption,
        help: "Layers of the checkpoint to judge by ABX too: mfcc, z, logits, quantized, c.")
    var layers: [FrameLayer] = []

    @OptionGroup var labels: LabelOptions

    @OptionGroup var abx: ABXOptions

    @OptionGroup var baseline: BaselineOptions

    @Option(
        help: ArgumentHelp(
            "Boundaries of phones count as found within so many milliseconds.", valueName: "ms"))
    var tolerance = 20.0

    @Option(
        help: ArgumentHelp(
            "Merge runs of fewer frames for the second scores of boundaries.", valueName: "frames"))
    var shortestRun = 3

    @Option(help: ArgumentHelp("Resamples for intervals; 0 for none.", valueName: "count"))
    var bootstrap = 1000

    @Option(
        help: """
            What alignments and recordings are called. file: by the file. path: by the path below the folder that is \
            searched.
            """)
    var names: RecordingNaming = .file

    @Flag(help: "Convert recordings of another sample rate instead of refusing them.")
    var resample = false

    @Flag(help: "Write JSON instead of a table.")
    var json = false

    @Option(
        help: ArgumentHelp("File for the figures of each utterance.", valueName: "file"), completion: .file())
    var csv: String?

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        guard !unitInput.units.isEmpty || !featureInput.features.isEmpty || checkpoint != nil else {
            throw ValidationError("name what is to be judged (--units, --features, --checkpoint)")
        }
        guard featureInput.features.isEmpty || isComparing else {
            throw ValidationError(
                "features are judged by ABX alone: name alignments or items (--alignments, --items)")
        }
        guard checkpoint == nil || !inputs.isEmpty else {
            throw ValidationError("--checkpoint needs recordings to judge it on")
        }
        guard checkpoint != nil || layers.isEmpty else {
            throw ValidationError("--layer goes with --checkpoint")
        }
        if let twice = unitInput.units.indices.first(where: {
            unitInput.units[..<$0].contains(unitInput.units[$0])
        }) {
            throw ValidationError("\(unitInput.units[twice]) is named twice: name it once")
        }
        guard checkpoint != nil || inputs.isEmpty == baseline.data.isEmpty, inputs.isEmpty || hasUnits else {
            throw ValidationError(
                inputs.isEmpty
                    ? "--baseline-data compares units of recordings: name these"
                    : "\(inputs[0]): recordings go with a checkpoint (--checkpoint), or with token files and "
                        + "--baseline-data")
        }
        guard tolerance >= 0, tolerance.isFinite else {
            throw ValidationError("--tolerance must be milliseconds from 0, not \(tolerance)")
        }
        guard shortestRun >= 0 else {
            throw ValidationError("--shortest-run must not be negative, but is \(shortestRun)")
        }
        guard (0...Bootstrap.most).contains(bootstrap) else {
            throw ValidationError("--bootstrap must be from 0 to \(Bootstrap.most), not \(bootstrap)")
        }
    }

    private var hasUnits: Bool { checkpoint != nil || !unitInput.units.isEmpty }

    func run() throws {
        try compute.apply()
        try amongProcesses { communicator in
            // What comes before and after the recordings is the first process's, and may take long.
            communicator.deadline = max(communicator.deadline, .seconds(86_400))
            if communicator.isFirst { return try evaluate(among: communicator) }
            if let checkpoint { _ = try run(checkpoint, among: communicator) }
        }
    }

    private func evaluate(among communicator: any Communicator) throws {
        if !layers.isEmpty, !isComparing {
            printError(
                "note: --layer is judged by ABX alone, which needs alignments or items (--alignments, --items)"
            )
        }
        let alignments = try labels.read(naming: names)
        let table = try beginTable(alignments)
        let truth = EvaluationLabels(alignments, speakers: try abx.readSpeakers(), labels)
        let systems = try unitInput.units.map { try unitInput.read($0, naming: names) }
        var reports = try systems.map { try report($0, truth) }
        var failures = 0
        if checkpoint == nil, !inputs.isEmpty { failures = try addBaselines(of: systems, truth, &reports) }
        for path in featureInput.features {
            reports.append(try report(featureInput.read(path, unitInput), truth))
        }
        if let checkpoint { failures = try judge(checkpoint, truth, &reports, among: communicator) }
        try write(reports, table)
        guard failures > 0 else { return }
        printError("\(failures) of the inputs could not be used")
        throw ExitCode.failure
    }

    private var isComparing: Bool { abx.isWanted(hasLabels: !labels.alignments.isEmpty) }

    /// Whether layers of a checkpoint are judged by ABX.
    var judgesLayers: Bool { !layers.isEmpty && isComparing }

    /// All figures of a system.
    /// - Throws: `EvaluationError` or `AlignmentError` that names the line.
    func report(_ system: CheckpointEvaluation.System, _ truth: EvaluationLabels) throws -> SystemReport {
        var report = SystemReport(name: system.name)
        (report.others, report.predictions) = (system.others, system.predictions)
        let matched = try truth.match(system)
        let isLabelled = truth.alignments != nil
        if let groups = system.groups {
            var units = LabelledUnits(
                centres: system.centres, groups: groups, tolerance: tolerance / 1000, shortestRun: shortestRun
            )
            units.add(matched)
            report.units = try UnitReport(
                units: units, codewords: system.codewords, isLabelled: isLabelled,
                silence: labels.silenceLabels, resamples: bootstrap,
                lengthsAreEstimates: matched.lengthsAreEstimates)
        }
        if abx.isWanted(hasLabels: isLabelled) {
            report.abx = try abxFigures(system, matched, report.units?.units)
        }
        return report
    }

    private func abxFigures(
        _ system: CheckpointEvaluation.System, _ matched: MatchedRecordings, _ units: LabelledUnits?
    ) throws -> [ABXFigure] {
        // A file of items has speakers of its own.
        let labels = abx.items == nil ? try matched.labels(path: system.name) : []
        let silence = self.labels.silenceLabels
        var figures: [ABXFigure] = []
        if let units {
            let numbers = Dictionary(
                units.utterances.map { ($0.name, $0.units) }, uniquingKeysWith: { first, _ in first })
            figures = try abx.figures(
                of: "ids", ABXRecordings(units: numbers), distance: abx.distanceOfUnits,
                centres: system.centres, frames: numbers.mapValues(\.count), labels: labels, silence: silence)
        }
        for (layer, features, centres) in system.features {
            var distance = abx.distanceOfFeatures
            if system.isBaseline, distance == .symmetricKL {
                printError(
                    "note: MFCCs are no distributions, which kl compares: theirs is the angular distance")
                distance = .angular
            }
            figures += try abx.figures(
                of: layer, ABXRecordings(features: features), distance: distance, centres: centres,
                frames: features.mapValues { $0.shape[0] }, labels: labels, silence: silence)
        }
        return figures
    }

    private func write(_ reports: [SystemReport], _ table: AtomicFile?) throws {
        if let table {
            let text = UtteranceTable.csv(reports, silence: labels.silenceLabels)
            try Array(text.utf8).withUnsafeBytes { try table.write($0) }
            try table.commit()
        }
        guard json else { return try StandardOutput().write(EvaluationText(reports).text) }
        var object = JSONObject()
        object["program"] = .string(Checkpoint.programVersion)
        object["systems"] = .array(reports.map(\.json))
        try StandardOutput().write(JSONEncoder.line.document(JSONValue.object(object)))
    }
}
