import Tensors

/// Which items are compared with which (Schatz 2016; fastabx): is an item X nearer to an A of its own kind than to a B of
/// another?
public struct ABXTask: Sendable {
    /// Three groups of items, by their numbers. X and A agree in `on`, B differs; all agree in `by`. Across, X differs from
    /// A and B in `across`; within, X is A's group, and no item is compared with itself.
    public struct Cell: Equatable, Sendable {
        public let a: Int
        public let b: Int
        public let x: Int
    }

    public let items: ABXItems
    /// The column whose values are told apart.
    public let on: Int
    /// Columns that A, B and X agree in.
    public let by: [Int]
    /// Columns in which X is another than A and B, which agree; empty for a task within.
    public let across: [Int]
    /// Numbers of items.
    public private(set) var groups: [[Int32]] = []
    public private(set) var cells: [Cell] = []

    /// All cells that there are.
    /// - Parameters:
    ///   - on, by, across: names of columns.
    ///   - largestGroup: groups keep so many items, chosen at random, all where it is nil.
    ///   - mostX: groups X for each pair A, B, chosen at random, all where it is nil.
    /// - Throws: `EvaluationError` for unknown columns, and where there is no cell.
    public init(
        _ items: ABXItems, on: String, by: [String], across: [String] = [], largestGroup: Int? = nil,
        mostX: Int? = nil, seed: Int = 0
    ) throws(EvaluationError) {
        self.items = items
        self.on = try items.column(on)
        var columns: [[Int]] = []
        for names in [by, across] {
            var numbers: [Int] = []
            for name in names { numbers.append(try items.column(name)) }
            columns.append(numbers)
        }
        (self.by, self.across) = (columns[0], columns[1])
        let keys = group(largest: largestGroup, seed: seed)
        makeCells(keys, mostX: mostX, seed: seed)
        guard !cells.isEmpty else { throw .noCells(on: on, by: by, across: across) }
    }

    /// Cells that were chosen elsewhere, as items' numbers.
    /// - Throws: `EvaluationError` for unknown columns.
    public init(
        _ items: ABXItems, on: String, by: [String], across: [String] = [],
        chosen: [(a: [Int], b: [Int], x: [Int])]
    ) throws(EvaluationError) {
        try self.init(items, on: on, by: by, across: across)
        var known: [[Int32]: Int] = [:]
        groups = []
        func number(_ items: [Int]) -> Int {
            let items = items.map { Int32($0) }
            if let number = known[items] { return number }
            known[items] = groups.count
            groups.append(items)
            return groups.count - 1
        }
        cells = chosen.map { Cell(a: number($0.a), b: number($0.b), x: number($0.x)) }
    }

    /// What the items of a group agree in.
    private struct Key: Hashable {
        let on: Int32
        let by: [Int32]
        let across: [Int32]
    }

    /// - Returns: the keys of the groups.
    private mutating func group(largest: Int?, seed: Int) -> [Key] {
        var places: [Key: Int] = [:]
        var keys: [Key] = []
        for (number, item) in items.items.enumerated() {
            let key = Key(
                on: item.labels[on], by: by.map { item.labels[$0] }, across: across.map { item.labels[$0] })
            if let place = places[key] {
                groups[place].append(Int32(number))
            } else {
                places[key] = groups.count
                keys.append(key)
                groups.append([Int32(number)])
            }
        }
        guard let largest else { return keys }
        for place in groups.indices where groups[place].count > largest {
            var stream = RandomStream(seed: seed, purpose: .items, item: place)
            groups[place] = stream.choice(largest, of: groups[place].count).map { groups[place][$0] }
        }
        return keys
    }

    private mutating func makeCells(_ keys: [Key], mostX: Int?, seed: Int) {
        // Groups that may be A and B of a cell, in the order in which they were first seen.
        var blocks: [[Int32]: [Int]] = [:]
        var order: [[Int32]] = []
        // Groups that may be X and A of a cell.
        var kinds: [[Int32]: [Int]] = [:]
        for (group, key) in keys.enumerated() {
            let block = key.by + key.across
            if blocks[block] == nil { order.append(block) }
            blocks[block, default: []].append(group)
            kinds[key.by + [key.on], default: []].append(group)
        }
        for block in order {
            let members = blocks[block] ?? []
            for a in members {
                for b in members where keys[b].on != keys[a].on {
                    guard !across.isEmpty else {
                        if groups[a].count > 1 { cells.append(Cell(a: a, b: b, x: a)) }
                        continue
                    }
                    var others = (kinds[keys[a].by + [keys[a].on]] ?? []).filter { x in
                        zip(keys[x].across, keys[a].across).allSatisfy { $0 != $1 }
                    }
                    if let mostX, others.count > mostX {
                        var stream = RandomStream(seed: seed, purpose: .items, update: 1, item: cells.count)
                        others = stream.choice(mostX, of: others.count).map { others[$0] }
                    }
                    cells += others.map { Cell(a: a, b: b, x: $0) }
                }
            }
        }
    }
}

extension RandomStream.Purpose {
    static let items = RandomStream.Purpose(22)
}
