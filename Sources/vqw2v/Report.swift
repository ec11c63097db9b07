import ArgumentParser
import Checkpoints
import Evaluation
import Files
import Foundation
import Reports
import Speech
import SystemPackage
import TensorFiles
import TokenFiles
import Training

struct Report: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Make a page of pictures from runs and units.",
        usage:
            "vqw2v report <run or token file> ... --output <file> [--alignments <path> ...] [--audio <input> ...]",
        discussion: """
            One HTML file that opens from disk and needs no network: of runs, loss and accuracy beside chance, use of \
            the codebook, schedules, configurations, side by side; of token files, their figures, phones against units \
            (--alignments), and recordings with their units, to look at and to listen to (--audio).
            """)

    static let examples = [
        "vqw2v report runs/first -o report.html",
        "vqw2v report runs/gumbel runs/kmeans -o compared.html",
        "vqw2v report runs/first ids.jsonl -a alignments/ --audio test/ -o report.html",
    ]

    @Argument(help: "Folders of runs, and token files.", completion: .file())
    var inputs: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("The page.", valueName: "file"), completion: .file())
    var output: String

    @OptionGroup var unitInput: UnitInputOptions

    @OptionGroup var labels: LabelOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Recordings of the token files, for timelines.", valueName: "input"),
        completion: .file())
    var audio: [FilePath] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "What evaluate --json wrote: scores and ABX errors of models and baselines.", valueName: "file"),
        completion: .file())
    var evaluation: [String] = []

    @Option(help: "Recordings that get a timeline, of each token file.")
    var timelines = 3

    @Option(help: ArgumentHelp("Of each no more than the first so many seconds.", valueName: "seconds"))
    var longest = 15.0

    @Option(help: "What alignments and recordings are called: file or path, as of evaluate.")
    var names: RecordingNaming = .file

    @Flag(help: "Convert recordings of another sample rate instead of refusing them.")
    var resample = false

    @Option(help: ArgumentHelp("Resamples for intervals; 0 for none.", valueName: "count"))
    var bootstrap = 1000

    @OptionGroup var compute: ComputeOptions

    private var all: [String] { inputs + unitInput.units }

    func validate() throws {
        guard !(all + evaluation).isEmpty else {
            throw ValidationError("name the folder of a run, or a token file")
        }
        guard timelines >= 0 else {
            throw ValidationError("--timelines must not be negative, but is \(timelines)")
        }
        guard (0...Bootstrap.most).contains(bootstrap) else {
            throw ValidationError("--bootstrap must be from 0 to \(Bootstrap.most), not \(bootstrap)")
        }
        guard longest > 0, longest <= 1e6 else {
            throw ValidationError("--longest must be positive and at most 1000000, not \(longest)")
        }
    }

    func run() throws {
        try compute.apply()
        var seen: Set<String> = []
        for path in all + evaluation where !seen.insert(path).inserted { throw ReportError.twice(path: path) }
        let alignments = try labels.read(naming: names)
        try requireOwnFile(alignments)
        let page = try AtomicFile(path: output)
        let truth = EvaluationLabels(alignments, labels)
        let recordings = audio.isEmpty ? [] : try FoundInputs(searching: audio, naming: names).recordings
        var (runs, units): ([RunReport], [UnitsReport]) = ([], [])
        let progress = ShareProgress("report")
        defer { progress.finish() }
        for (index, path) in all.enumerated() {
            progress.show(Double(index) / Double(all.count), detail: ", \(path)")
            if FileManager.default.fileExists(atPath: RunFolder(path: path).log) {
                runs.append(try runReport(RunFolder(path: path)))
            } else {
                units.append(try unitsReport(path, truth, recordings))
            }
        }
        let evaluations = try evaluation.map { try EvaluationReport(path: $0) }
        let html = ReportPage(
            program: Checkpoint.programVersion, runs: runs, units: units, evaluations: evaluations
        ).html
        try Array(html.utf8).withUnsafeBytes { try page.write($0) }
        try page.commit()
        progress.finish()
        printError("next: open \(output)")
    }

    /// - Throws: `OutputError` where the page would replace something that it is made of.
    private func requireOwnFile(_ alignments: AlignmentSet?) throws {
        var files = OutputFiles()
        try files.add(output)
        let runs = all.map { RunFolder(path: $0) }.flatMap {
            [$0.log, $0.configuration, $0.recordings, $0.last, $0.best]
        }
        try files.check(
            against: (runs + evaluation).map { FilePath($0) } + all.flatMap(TokenInput.files)
                + unitInput.files + labels.alignments + (alignments?.files ?? [])
                + FilePath.recordings(audio, naming: names))
    }

    private func runReport(_ folder: RunFolder) throws -> RunReport {
        let log = try RunLog(path: folder.log)
        let checkpoint = try folder.resumable.map { try Checkpoint(path: $0) }
        var facts: [(label: String, value: String)] = []
        if let checkpoint {
            facts.append(("trained by", checkpoint.program))
            facts.append(("data", checkpoint.state.data.summary))
            if let origin = checkpoint.state.initializedFrom { facts.append(("began with", origin)) }
        }
        let configuration =
            FileManager.default.fileExists(atPath: folder.configuration)
            ? String(decoding: try InputFile(path: folder.configuration).bytes(), as: UTF8.self) : nil
        return RunReport(
            name: folder.path, log: log, configuration: configuration, facts: facts,
            chanceAccuracy: checkpoint.map { 1 / Double(1 + $0.configuration.candidates) })
    }

    private func unitsReport(
        _ path: String, _ truth: EvaluationLabels, _ recordings: [Recording]
    ) throws -> UnitsReport {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            guard access(path, R_OK | X_OK) == 0 else { throw FileError(path, "cannot be read", code: errno) }
        }
        if isFolder.boolValue, try TokenInput.timing(beside: path) == nil,
            try !FileManager.default.contentsOfDirectory(atPath: path).contains(where: {
                $0.hasSuffix(".npy")
            })
        {
            throw ReportError.notARun(path: path)
        }
        let system = try unitInput.read(path, naming: names)
        let matched = try truth.match(system)
        var units = LabelledUnits(centres: system.centres, groups: system.groups ?? 1)
        units.add(matched)
        let report = try UnitReport(
            units: units, codewords: system.codewords, isLabelled: truth.alignments != nil,
            silence: labels.silenceLabels, resamples: bootstrap,
            lengthsAreEstimates: matched.lengthsAreEstimates)
        return UnitsReport(
            name: path, report: report, timelines: try timelines(system, units, matched, recordings))
    }

    /// Timelines of the first utterances that there are recordings of.
    /// - Throws: `AudioError`; `EvaluationError` for a recording of another length than its units.
    private func timelines(
        _ system: CheckpointEvaluation.System, _ units: LabelledUnits, _ matched: MatchedRecordings,
        _ recordings: [Recording]
    ) throws -> [UnitTimeline] {
        guard !recordings.isEmpty, timelines > 0 else { return [] }
        let sources = Dictionary(
            recordings.map { ($0.name, $0.source) }, uniquingKeysWith: { first, _ in first })
        let (table, centres) = (units.table, system.centres)
        var result: [UnitTimeline] = []
        for (utterance, recording) in zip(units.utterances, matched.recordings)
        where result.count < timelines {
            guard let source = sources[utterance.name] else { continue }
            let sound = try AudioFile.read(source, sampleRate: centres.sampleRate, resample: resample)
            try recording.frames.requireLength(
                sound.samples.count, of: "\(source)", centres, path: system.name)
            let count = Int(min(Double(sound.samples.count), longest * Double(centres.sampleRate)))
            result.append(
                UnitTimeline(
                    name: utterance.name.description, samples: Array(sound.samples.prefix(count)),
                    centres: centres, units: utterance.units, unitName: { table.name($0) },
                    intervals: recording.intervals))
        }
        guard !result.isEmpty else { throw ReportError.noUnitsForRecordings(units: system.name) }
        return result
    }
}

extension RunConfiguration {
    /// Wrong answers of a prediction.
    fileprivate var candidates: Int {
        if let prediction = wav2vec2?.prediction {
            return prediction.negatives + prediction.crossSampleNegatives + prediction.codebookNegatives
        }
        return model.prediction.negatives + model.prediction.crossSampleNegatives
    }
}
