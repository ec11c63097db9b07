import ArgumentParser
import Checkpoints
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
        "vqw2v evaluate -u ids.jsonl -a TIMIT/TEST --silence h# pau epi",
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
            "Checkpoint to judge on the inputs: of vqw2v, or of fairseq (.pt).", valueName: "file"),
        completion: .checkpoint)
    var checkpoint: String?

    @Option(
        name: .customLong("layer"), parsing: .upToNextOption,
        help: "Layers of the checkpoint to judge by ABX too: mfcc, z, logits, quantized, c.")
    var layers: [FrameLayer] = []

    @OptionGroup var labels: LabelOptions

    @OptionGroup var abx: ABXOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Recordings for the baseline of a checkpoint: clusters of their MFCCs, as many as there are units in use.",
            valueName: "input"), completion: .file())
    var baselineData: [FilePath] = []

    @Option(help: ArgumentHelp("Minutes of them that are enough.", valueName: "minutes"))
    var baselineMinutes = 60.0

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
        guard (checkpoint == nil) == inputs.isEmpty else {
            throw ValidationError(
                checkpoint == nil
                    ? "\(inputs[0]): recordings go with a checkpoint (--checkpoint)"
                    : "--checkpoint needs recordings to judge it on")
        }
        guard checkpoint != nil || (layers.isEmpty && baselineData.isEmpty) else {
            throw ValidationError("--layer and --baseline-data go with --checkpoint")
        }
        guard tolerance >= 0, tolerance.isFinite else {
            throw ValidationError("--tolerance must be milliseconds from 0, not \(tolerance)")
        }
        guard baselineMinutes > 0, baselineMinutes.isFinite else {
            throw ValidationError("--baseline-minutes must be positive, not \(baselineMinutes)")
        }
        for (name, value) in [("--shortest-run", shortestRun), ("--bootstrap", bootstrap)] where value < 0 {
            throw ValidationError("\(name) must not be negative, but is \(value)")
        }
    }

    func run() throws {
        try compute.apply()
        let truth = EvaluationLabels(try labels.read(naming: names), try labels.readSpeakers(), labels)
        var reports = try unitInput.units.map { path in try report(path, truth) }
        for path in featureInput.features {
            var report = SystemReport(name: path)
            let (features, centres) = try featureInput.read(path)
            report.abx = try abxFigures(of: "features", features, centres, truth)
            reports.append(report)
        }
        let failures = try checkpoint.map { try judge($0, truth, &reports) } ?? 0
        try write(reports)
        guard failures > 0 else { return }
        printError("\(failures) of the inputs could not be used")
        throw ExitCode.failure
    }

    /// Figures of a token file.
    private func report(_ path: String, _ truth: EvaluationLabels) throws -> SystemReport {
        let (input, centres) = try unitInput.read(path, naming: names)
        let units = input.utterances.map {
            RecordingUnits(
                name: $0.name, ids: $0.ids, samples: $0.samples, sampleRate: $0.sampleRate, line: $0.line)
        }
        return try report(
            CheckpointEvaluation.System(
                name: path, units: units, groups: input.groups, codewords: input.codewords, centres: centres),
            truth)
    }

    /// Adds figures of a checkpoint, and of the baseline.
    /// - Returns: how many inputs could not be used.
    private func judge(_ path: String, _ truth: EvaluationLabels, _ reports: inout [SystemReport]) throws
        -> Int
    {
        let evaluation = try CheckpointEvaluation(path: path)
        let found = try FoundInputs(searching: inputs, naming: names)
        let (system, mfcc, failures) = try evaluation.run(
            found, resample: resample, layers: layers, wantsMFCC: !baselineData.isEmpty)
        guard failures < found.recordings.count + found.problems else {
            printError(errorLine("none of the inputs could be used"))
            throw ExitCode.failure
        }
        let model = try report(system, truth)
        reports.append(model)
        guard let units = model.units else { return failures }
        guard !baselineData.isEmpty else {
            printError("note: without --baseline-data there is no baseline to compare with")
            return failures
        }
        let baseline = try evaluation.baseline(
            units: units.units.sequences.usage.used,
            fittedOn: FoundInputs(searching: baselineData, naming: names),
            minutes: baselineMinutes, resample: resample, mfcc: mfcc, order: system.units)
        reports.append(try report(baseline, truth))
        return failures
    }

    /// All figures of a system.
    private func report(_ system: CheckpointEvaluation.System, _ truth: EvaluationLabels) throws
        -> SystemReport
    {
        var report = SystemReport(name: system.name)
        report.others = system.others
        if !system.units.isEmpty {
            let matched = try truth.match(system)
            report.units = unitReport(matched, system, isLabelled: truth.alignments != nil)
            if let units = report.units?.units, abx.isWanted(hasLabels: truth.alignments != nil) {
                let numbers = Dictionary(
                    units.utterances.map { ($0.name, $0.units) }, uniquingKeysWith: { first, _ in first })
                report.abx = try abx.figures(
                    of: "ids", ABXRecordings(units: numbers),
                    distance: abx.distances.first(where: \.isOfUnits) ?? .identical, centres: system.centres,
                    frames: numbers.mapValues(\.count), labels: matched.labels, silence: labels.silenceLabels)
            }
        }
        for (layer, frames, centres) in system.features {
            report.abx += try abxFigures(of: layer, frames, centres, truth)
        }
        return report
    }

    private func unitReport(
        _ matched: MatchedUnits, _ system: CheckpointEvaluation.System, isLabelled: Bool
    ) -> UnitReport {
        if matched.unlabelled + matched.unused > 0 {
            printError(
                "note: \(system.name): left out \(grouped(matched.unlabelled)) utterances without labels, and the "
                    + "labels of \(grouped(matched.unused)) without units")
        }
        var units = LabelledUnits(
            centres: system.centres, groups: system.groups, tolerance: tolerance / 1000,
            shortestRun: shortestRun)
        for recording in matched.recordings {
            units.add(
                name: recording.units.name, ids: recording.units.ids, intervals: recording.intervals,
                seconds: recording.seconds)
        }
        return UnitReport(
            units: units, codewords: system.codewords, isLabelled: isLabelled, silence: labels.silenceLabels,
            resamples: bootstrap, lengthsAreEstimates: matched.lengthsAreEstimates)
    }

    private func abxFigures(
        of content: String, _ features: [ByteString: Tensor], _ centres: FrameCentres,
        _ truth: EvaluationLabels
    ) throws -> [ABXFigure] {
        guard abx.isWanted(hasLabels: truth.alignments != nil) else { return [] }
        return try abx.figures(
            of: content, ABXRecordings(features: features),
            distance: abx.distances.first { !$0.isOfUnits } ?? .angular, centres: centres,
            frames: features.mapValues { $0.shape[0] }, labels: try truth.labels { features[$0] != nil },
            silence: labels.silenceLabels)
    }

    private func write(_ reports: [SystemReport]) throws {
        if let csv {
            try AtomicFile.write(
                Data(UtteranceTable.csv(reports, silence: labels.silenceLabels).utf8), to: csv)
        }
        guard json else { return try StandardOutput().write(EvaluationText(reports).text) }
        var object = JSONObject()
        object["program"] = .string(Checkpoint.programVersion)
        object["systems"] = .array(reports.map(\.json))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try StandardOutput().write([UInt8](encoder.encode(JSONValue.object(object))) + [UInt8(ascii: "\n")])
    }
}
