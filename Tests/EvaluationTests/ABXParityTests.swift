import Evaluation
import Files
import Foundation
import TensorFiles
import Tensors
import Testing
import TokenFiles

/// Every cell's errors as fastabx counts them, and the means that it makes of them.
@Suite struct ABXParityTests {
    private struct Case {
        let golden: GoldenCase
        let task: JSONValue

        init(_ golden: GoldenCase) throws {
            self.golden = golden
            task = try golden.json("task.json")
        }

        var on: String { task["on"].string ?? "" }
        var by: [String] { task["by"].items.compactMap(\.string) }
        var across: [String] { task["across"].items.compactMap(\.string) }
        var levels: [[String]] {
            task["levels"].items.map { level in
                level.string.map { [$0] } ?? level.items.compactMap(\.string)
            }
        }

        var distance: ABXDistance? {
            if task["alignment"].string == "levenshtein" { return .edit }
            let name = task["distance"].string ?? ""
            return ABXDistance(rawValue: ["kl_symmetric": "kl", "cosine": "angular"][name] ?? name)
        }

        func items() throws -> ABXItems {
            try ABXItems(path: golden.path(task["item"].string ?? ""))
        }

        /// The frames of the recordings that items are cut from, where there are any.
        func recordings(_ items: ABXItems) throws -> ABXRecordings {
            if let file = task["units"].string {
                let input = try TokenInput(path: golden.path(file))
                var table = UnitTable()
                return ABXRecordings(
                    units: Dictionary(
                        uniqueKeysWithValues: input.utterances.map {
                            ($0.name, table.numbers(of: $0.ids, groups: input.groups))
                        }))
            }
            let folder = task["features"].string ?? ""
            var features: [ByteString: Tensor] = [:]
            for name in Set(items.items.map(\.recording)) {
                let path = golden.path("\(folder)/\(name).npy")
                guard FileManager.default.fileExists(atPath: path) else { continue }
                let array = try NumpyArray(path: path)
                features[name] = Tensor(array.floats, shape: array.shape)
            }
            return try ABXRecordings(features: features)
        }

        func timing(_ items: ABXItems) throws -> ABXTiming {
            guard let folder = task["frame_times"].string else {
                let frequency = task["frequency"].string ?? "\(task["frequency"])"
                return try #require(ABXTiming.nominal(frequency))
            }
            var times: [ByteString: [Double]] = [:]
            for name in Set(items.items.map(\.recording)) {
                times[name] = try NumpyArray(path: golden.path("\(folder)/\(name).npy")).doubles
            }
            return .centres(times, decimals: task["decimals"].integer)
        }

        func abx() throws -> ABXTask {
            let items = try items()
            let chosen = task["cells"].items.map { cell in
                (
                    a: cell["A"].items.map(\.integer), b: cell["B"].items.map(\.integer),
                    x: cell["X"].items.map(\.integer)
                )
            }
            guard chosen.isEmpty else {
                return try ABXTask(items, on: on, by: by, across: across, chosen: chosen)
            }
            return try ABXTask(items, on: on, by: by, across: across)
        }

        func scores() throws -> ABXScores {
            let abx = try abx()
            let distance = try #require(distance)
            return try abx.scores(
                try recordings(abx.items), timing: try timing(abx.items), distance: distance,
                isPooled: task["pooling"].string == "mean")
        }

        /// What names a cell in `cells.csv`.
        func key(_ scores: ABXScores, _ cell: Int) -> String {
            let labels = scores.labels(cell)
            let columns = scores.task.items.columns
            func value(_ name: String) -> String { labels.a[columns.firstIndex(of: name) ?? 0] }
            return ([value(on), labels.b] + by.map(value) + across.map(value) + labels.x).joined(
                separator: ",")
        }

        func key(_ row: [String: String]) -> String {
            ([on, "\(on)_b"] + by + across + across.map { "\($0)_x" }).map { row[$0] ?? "?" }
                .joined(separator: ",")
        }
    }

    private static let all = GoldenFolder.cases("abx")
    private static func isRefused(_ golden: GoldenCase) -> Bool { golden.name.hasPrefix("error_") }

    @Test(arguments: all.filter { !isRefused($0) })
    func cells(_ golden: GoldenCase) throws {
        let abx = try Case(golden)
        let expected = try golden.json("expected.json")
        let scores = try abx.scores()
        let rows = try golden.table("cells.csv")
        #expect(scores.task.cells.count == rows.count && rows.count == expected["cells"].integer)
        #expect(scores.triples == expected["triplets"].integer)
        var cells: [String: Int] = [:]
        for cell in scores.task.cells.indices { cells[abx.key(scores, cell)] = cell }
        var stored = scores.twiceErrors
        for row in rows {
            let cell = try #require(cells[abx.key(row)], "no cell \(abx.key(row))")
            let twice = try #require(Int(row["twice_errors"] ?? ""))
            let allowance = 2 * (Int(row["close"] ?? "") ?? 0)
            #expect(scores.size(cell) == Int(row["size"] ?? ""), "\(abx.key(row))")
            #expect(
                abs(scores.twiceErrors[cell] - twice) <= allowance,
                "\(abx.key(row)): \(scores.twiceErrors[cell]), not \(twice)")
            stored[cell] = twice
        }
        // The means of fastabx's own counts.
        let same = ABXScores(task: scores.task, twiceErrors: stored)
        #expect(abs(try same.error(levels: abx.levels) - expected["abx_error"].number) < 1e-6)
        #expect(abs(same.weightedError - expected["abx_error_weighted"].number) < 1e-6)
        let close = Double(expected["close_triplets"].integer)
        #expect(
            abs(scores.weightedError - same.weightedError) <= close / Double(scores.triples) + 1e-12)
    }

    @Test(arguments: all.filter(isRefused))
    func refusals(_ golden: GoldenCase) throws {
        let expected = try golden.json("expected.json")["error"].string
        do {
            _ = try Case(golden).scores()
            Issue.record("\(golden.name) is scored")
        } catch let error as EvaluationError {
            let kind =
                switch error {
                case .outside: "FeaturesSizeError"
                case .emptyItem: "EmptyFeaturesError"
                case .notFinite: "NonFiniteError"
                case .noCells: "EmptyTaskError"
                case .missingFrames: "FileNotFoundError"
                default: "\(error)"
                }
            #expect(kind == expected)
            #expect(messageLine("\(error)").count <= 300)
        }
    }

    /// Threads and portions decide nothing.
    @Test func threads() throws {
        let golden = try #require(Self.all.first { $0.name == "ru_phoneme_any_euclidean" })
        let before = Parallel.threads
        defer { Parallel.threads = before }
        let results = try [1, 2, 5].map { threads in
            Parallel.threads = threads
            return try Case(golden).scores().twiceErrors
        }
        #expect(results[0] == results[1] && results[0] == results[2])
    }
}
