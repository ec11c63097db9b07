import ArgumentParser
import Evaluation
import Files
import Speech
import SystemPackage

/// What is compared in ABX tasks, and how.
struct ABXOptions: ParsableArguments {
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case triphone, phone, any, none
    }

    @Option(
        help: """
            Items of ABX from the alignments. triphone: a phone with its neighbours. phone: alone, among the same \
            neighbours. any: alone, among all. none: no ABX. Of an item file any compares phones whatever their \
            neighbours. (default: triphone)
            """)
    var abx: Kind?

    @Option(
        help: ArgumentHelp("Item file of ABX, in place of items from the alignments.", valueName: "file"),
        completion: .file())
    var items: String?

    @Option(
        name: .customLong("distance"),
        help: """
            How far items are apart, once of ids, once of features. Of ids: identical (along the best path), edit. Of \
            features: angular (or cosine, its other name), euclidean, kl of distributions. (default: identical, angular)
            """)
    var distances: [ABXDistance] = []

    @Flag(help: "Cut items where frames really lie, not where ZeroSpeech's evaluation takes them to be.")
    var exactTimes = false

    @Flag(help: "Compare the means of the items' frames.")
    var pooled = false

    @Option(help: ArgumentHelp("Keep at most so many items of a kind, chosen at random.", valueName: "count"))
    var maxItems: Int?

    @Option(
        help: ArgumentHelp(
            "Compare with the X of at most so many speakers, chosen at random.", valueName: "count"))
    var maxSpeakers: Int?

    @Option(
        help: ArgumentHelp(
            "File with a line \"utterance speaker\" for each, such as Kaldi's utt2spk.", valueName: "file"),
        completion: .file())
    var speakers: String?

    private var kind: Kind { abx ?? .triphone }

    func validate() throws {
        if items != nil, kind == .none {
            throw ValidationError("--items and --abx none contradict each other: leave one out")
        }
        for (what, some) in [
            ("ids", distances.filter(\.isOfUnits)), ("features", distances.filter { !$0.isOfUnits }),
        ]
        where some.count > 1 {
            throw ValidationError(
                "--distance is given \(some.count) times for \(what) "
                    + "(\(some.map(\.rawValue).joined(separator: ", "))): choose one of them")
        }
        for (name, value) in [("--max-items", maxItems), ("--max-speakers", maxSpeakers)] {
            if let value, value < 2 { throw ValidationError("\(name) must be at least 2, not \(value)") }
        }
    }

    /// Whether there is anything to compare.
    func isWanted(hasLabels: Bool) -> Bool { items != nil || kind != .none && hasLabels }

    var distanceOfUnits: ABXDistance { distances.first(where: \.isOfUnits) ?? .identical }
    var distanceOfFeatures: ABXDistance { distances.first { !$0.isOfUnits } ?? .angular }

    /// - Throws: `DataError` that names the line.
    func readSpeakers() throws -> [ByteString: String] {
        try speakers.map { try KaldiTables.speakers(FilePath($0)) } ?? [:]
    }

    /// The errors within speakers, and across where there are several.
    /// - Parameters:
    ///   - content: what is compared: `ids`, `z`.
    ///   - recordings: units, or frames of features.
    ///   - labels: of these recordings, for items from alignments; none where there is a file of items.
    /// - Throws: `EvaluationError`.
    func figures(
        of content: String, _ recordings: ABXRecordings, distance: ABXDistance, centres: FrameCentres,
        frames: [ByteString: Int],
        labels: [ABXItems.Labels], silence: Set<String>
    ) throws -> [ABXFigure] {
        var found: ABXItems
        if let items {
            found = try ABXItems(path: items)
        } else {
            found = ABXItems(
                kind == .triphone ? .triphone : .phone, path: "the alignments", utterances: labels,
                silence: silence)
        }
        let timing: ABXTiming =
            exactTimes
            ? .centres(
                frames.mapValues { count in (0..<count).map { centres[$0] } }, decimals: found.decimals)
            : .nominal(numerator: Int128(centres.sampleRate), denominator: Int128(centres.hop))
        if items == nil {
            let (kept, dropped) = found.havingFrames(of: recordings, timing: timing)
            if dropped > 0 {
                printError("note: \(grouped(dropped)) items of ABX have no frames and are left out")
            }
            found = kept
        }
        let context = kind == .any ? [] : ["prev-phone", "next-phone"]
        let levels = (context.isEmpty ? [] : [["next-phone", "prev-phone"]]) + [["speaker"]]
        var figures: [ABXFigure] = []
        for (name, by, across) in [("within", context + ["speaker"], []), ("across", context, ["speaker"])] {
            guard let task = try task(found, by: by, across: across) else { continue }
            let progress = ShareProgress("ABX of \(content) \(name) speakers")
            let scores = try task.scores(
                recordings, timing: timing, distance: distance, isPooled: pooled, progress: progress.show)
            progress.finish()
            figures.append(
                try ABXFigure(
                    content: content, speakers: name, distance: distance, scores: scores, levels: levels))
        }
        if figures.isEmpty {
            printError("note: there is nothing to compare in ABX: no kind of item comes twice")
        }
        return figures
    }

    /// Nil where there is nothing to compare.
    private func task(_ items: ABXItems, by: [String], across: [String]) throws -> ABXTask? {
        let task = Result { () throws(EvaluationError) in
            try ABXTask(
                items, on: "#phone", by: by, across: across, largestGroup: maxItems, mostX: maxSpeakers)
        }
        if case .failure(.noCells) = task { return nil }
        return try task.get()
    }
}

extension ABXDistance: ExpressibleByArgument {
    /// fastabx calls the angle `cosine`, too.
    private static let otherNames = ["cosine": ABXDistance.angular]

    public init?(argument: String) {
        guard let distance = Self.otherNames[argument] ?? ABXDistance(rawValue: argument) else { return nil }
        self = distance
    }

    public static var allValueStrings: [String] { allCases.map(\.rawValue) + otherNames.keys.sorted() }
}
