import ArgumentParser
import Checkpoints
import Evaluation
import Files
import Foundation
import Speech
import SystemPackage
import TensorFiles
import TokenFiles

struct Evaluate: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Judge units: how they are used, and what they tell about phones.",
        usage: "vqw2v evaluate --units <path> ... [--alignments <path> ...] [<options>]",
        discussion: """
            A table on stdout, or JSON. Without alignments it tells how units are used: how many, entropy, bitrate, \
            runs. With them, what they tell about phones: purities, PNMI, V-measure, boundaries, ABX errors, with 95 % \
            intervals by bootstrap over utterances. PNMI grows with the number of units: compare like with like.
            """)

    static let examples = [
        "vqw2v evaluate -u ids.jsonl -a TIMIT/TEST --silence h# pau epi",
        "vqw2v evaluate -u mine.jsonl other.km -a alignments/ --tier phones --speakers utt2spk --csv utterances.csv",
    ]

    @OptionGroup var unitInput: UnitInputOptions

    @OptionGroup var featureInput: FeatureInputOptions

    @OptionGroup var labels: LabelOptions

    @OptionGroup var abx: ABXOptions

    @Option(help: ArgumentHelp("Boundaries of phones count as found within so many milliseconds.", valueName: "ms"))
    var tolerance = 20.0

    @Option(help: ArgumentHelp("Merge runs of fewer frames for the second scores of boundaries.", valueName: "frames"))
    var shortestRun = 3

    @Option(help: ArgumentHelp("Resamples for intervals; 0 for none.", valueName: "count"))
    var bootstrap = 1000

    @Option(
        help: """
            What alignments and recordings are called: file, by the file; path, by the path below the folder that is \
            searched.
            """)
    var names: RecordingNaming = .file

    @Flag(help: "Write JSON instead of a table.")
    var json = false

    @Option(
        help: ArgumentHelp("File for the figures of each utterance.", valueName: "file"), completion: .file())
    var csv: String?

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        guard !unitInput.units.isEmpty || !featureInput.features.isEmpty else {
            throw ValidationError("name units or features to judge (--units, --features)")
        }
        guard tolerance >= 0, tolerance.isFinite else {
            throw ValidationError("--tolerance must be milliseconds from 0, not \(tolerance)")
        }
        for (name, value) in [("--shortest-run", shortestRun), ("--bootstrap", bootstrap)] where value < 0 {
            throw ValidationError("\(name) must not be negative, but is \(value)")
        }
    }

    private var unitDistance: ABXDistance { abx.distances.first(where: \.isOfUnits) ?? .identical }
    private var featureDistance: ABXDistance { abx.distances.first { !$0.isOfUnits } ?? .angular }

    func run() throws {
        try compute.apply()
        let alignments = try labels.read(naming: names)
        let speakers = try labels.readSpeakers()
        var reports = try unitInput.units.map { path in
            let (input, centres) = try unitInput.read(path, naming: names)
            let units = input.utterances.map {
                RecordingUnits(
                    name: $0.name, ids: $0.ids, samples: $0.samples, sampleRate: $0.sampleRate, line: $0.line)
            }
            let matched = try MatchedUnits(
                units, path: path, groups: input.groups, centres: centres, alignments: alignments,
                tier: labels.tier, speakers: speakers, matchedOnly: labels.matchedOnly)
            return try report(
                matched, name: path, groups: input.groups,
                codewords: input.codewords, centres: centres, isLabelled: alignments != nil)
        }
        reports += try featureInput.features.map { path in
            try featureReport(path, alignments: alignments, speakers: speakers)
        }
        try write(reports)
    }

    /// ABX errors of features.
    private func featureReport(
        _ path: String, alignments: AlignmentSet?, speakers: [ByteString: String]
    ) throws -> SystemReport {
        var report = SystemReport(name: path)
        let (features, centres) = try featureInput.read(path)
        let labelled = try (alignments?.alignments ?? []).filter { features[$0.utterance] != nil }.map {
            (
                name: $0.utterance, intervals: try $0.tier(labels.tier),
                speaker: speakers[$0.utterance] ?? $0.speaker
            )
        }
        report.abx = try abx.figures(
            of: "features", ABXRecordings(features: features), distance: featureDistance, centres: centres,
            frames: features.mapValues { $0.shape[0] }, labels: labelled, silence: labels.silenceLabels)
        return report
    }

    /// All figures of units.
    private func report(
        _ matched: MatchedUnits, name: String, groups: Int, codewords: Int?, centres: FrameCentres, isLabelled: Bool
    ) throws -> SystemReport {
        if matched.unlabelled + matched.unused > 0 {
            printError(
                "note: \(name): left out \(grouped(matched.unlabelled)) utterances without labels, and the labels of "
                    + "\(grouped(matched.unused)) without units")
        }
        var units = LabelledUnits(
            centres: centres, groups: groups, tolerance: tolerance / 1000, shortestRun: shortestRun)
        for recording in matched.recordings {
            units.add(
                name: recording.units.name, ids: recording.units.ids, intervals: recording.intervals,
                seconds: recording.seconds)
        }
        var report = SystemReport(
            name: name,
            units: UnitReport(
                units: units, codewords: codewords, isLabelled: isLabelled, silence: labels.silenceLabels,
                resamples: bootstrap, lengthsAreEstimates: matched.lengthsAreEstimates))
        guard abx.isWanted(hasLabels: isLabelled) else { return report }
        let numbers = Dictionary(
            units.utterances.map { ($0.name, $0.units) }, uniquingKeysWith: { first, _ in first })
        report.abx = try abx.figures(
            of: "ids", ABXRecordings(units: numbers), distance: unitDistance, centres: centres,
            frames: numbers.mapValues(\.count),
            labels: matched.recordings.map { ($0.units.name, $0.intervals, $0.speaker) },
            silence: labels.silenceLabels)
        return report
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
        try StandardOutput().write(
            String(decoding: try encoder.encode(JSONValue.object(object)), as: UTF8.self) + "\n")
    }
}
