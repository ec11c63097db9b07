/// The errors of all cells of a task, and the means that are made of them.
public struct ABXScores: Sendable {
    public let task: ABXTask
    /// Of each cell twice the errors, a whole number: a tie is half an error.
    public let twiceErrors: [Int]

    /// - Precondition: a number for each cell.
    public init(task: ABXTask, twiceErrors: [Int]) {
        precondition(twiceErrors.count == task.cells.count, "\(twiceErrors.count) numbers of errors")
        (self.task, self.twiceErrors) = (task, twiceErrors)
    }

    /// The number of triples of a cell.
    public func size(_ cell: Int) -> Int {
        let cell = task.cells[cell]
        let (a, b, x) = (task.groups[cell.a].count, task.groups[cell.b].count, task.groups[cell.x].count)
        return cell.a == cell.x ? a * (a - 1) * b : a * b * x
    }

    /// The share of the triples of a cell that are errors.
    public func error(_ cell: Int) -> Double { Double(twiceErrors[cell]) / Double(2 * size(cell)) }

    public var triples: Int { task.cells.indices.reduce(0) { $0 + size($1) } }

    /// The error over all triples, whatever cell they are in.
    public var weightedError: Double { Double(twiceErrors.reduce(0, +)) / Double(2 * triples) }

    /// The mean error over pairs A, B, after the columns of each level in turn were averaged away: means of the rows that
    /// agree in all other columns. X's columns do not count. ZeroSpeech averages contexts, then speakers.
    /// - Parameter levels: names of columns.
    /// - Throws: `EvaluationError` for unknown columns.
    public func error(levels: [[String]]) throws(EvaluationError) -> Double {
        let columns = task.by + task.across
        var rows: [(key: [Int32?], error: Double)] = task.cells.indices.map { number in
            let cell = task.cells[number]
            let a = task.items.items[Int(task.groups[cell.a][0])].labels
            let b = task.items.items[Int(task.groups[cell.b][0])].labels
            return ([a[task.on], b[task.on]] + columns.map { a[$0] }, error(number))
        }
        func average(_ change: ([Int32?]) -> [Int32?]) {
            var places: [[Int32?]: Int] = [:]
            var sums: [(key: [Int32?], sum: Double, count: Int)] = []
            for (key, error) in rows {
                let key = change(key)
                let place = places[key] ?? sums.count
                if place == sums.count {
                    places[key] = place
                    sums.append((key, 0, 0))
                }
                sums[place].sum += error
                sums[place].count += 1
            }
            rows = sums.map { ($0.key, $0.sum / Double($0.count)) }
        }
        for level in levels {
            var gone: Set<Int> = []
            for name in level {
                let column = try task.items.column(name)
                for (place, known) in columns.enumerated() where known == column { gone.insert(place + 2) }
            }
            average { key in key.enumerated().map { gone.contains($0) ? nil : $1 } }
        }
        average { Array($0.prefix(2)) }
        return rows.reduce(0) { $0 + $1.error } / Double(max(1, rows.count))
    }

    /// The names of the values of a cell: of A's columns, B's `on` and X's `across`.
    public func labels(_ cell: Int) -> (a: [String], b: String, x: [String]) {
        let cell = task.cells[cell]
        func labels(_ group: Int) -> [String] {
            task.items.items[Int(task.groups[group][0])].labels.enumerated().map {
                task.items.values[$0][Int($1)]
            }
        }
        let x = labels(cell.x)
        return (labels(cell.a), labels(cell.b)[task.on], task.across.map { x[$0] })
    }
}
