/// Numbers for units: a unit is the tuple of the ids of a frame, and gets the next number when it is first seen.
public struct UnitTable: Sendable {
    /// The ids of each unit, by its number.
    public private(set) var ids: [[Int32]] = []
    private var numbers: [[Int32]: Int32] = [:]

    public init() {}

    public var count: Int { ids.count }

    /// The numbers of the units of all frames.
    /// - Parameter ids: [T, G], row-major.
    /// - Precondition: `groups` is positive and divides the number of ids.
    public mutating func numbers(of ids: [Int32], groups: Int) -> [Int32] {
        precondition(groups > 0 && ids.count.isMultiple(of: groups), "ids are [T, groups]")
        return stride(from: 0, to: ids.count, by: groups).map { number(Array(ids[$0..<$0 + groups])) }
    }

    private mutating func number(_ unit: [Int32]) -> Int32 {
        if let known = numbers[unit] { return known }
        let number = Int32(count)
        ids.append(unit)
        numbers[unit] = number
        return number
    }

    /// `3-17`.
    public func name(_ number: Int) -> String { ids[number].map(String.init).joined(separator: "-") }
}

/// Runs of equal units.
public enum UnitRuns {
    public struct Run: Equatable, Sendable {
        public let unit: Int32
        /// The frame that it begins with.
        public let start: Int
        /// Frames.
        public fileprivate(set) var length: Int
    }

    /// The maximal stretches of equal units.
    public static func of(_ units: some Sequence<Int32>) -> [Run] {
        var runs: [Run] = []
        for (frame, unit) in units.enumerated() {
            if runs.last?.unit == unit {
                runs[runs.count - 1].length += 1
            } else {
                runs.append(Run(unit: unit, start: frame, length: 1))
            }
        }
        return runs
    }

    /// Units in which every run shorter than `frames` has been given to the run before it; the first one of a
    /// recording, which has none before it, to the one behind.
    public static func merged(_ units: [Int32], shorterThan frames: Int) -> [Int32] {
        var kept: [(unit: Int32, length: Int)] = []
        for run in of(units) {
            guard let last = kept.last else {
                kept.append((run.unit, run.length))
                continue
            }
            if kept.count == 1, last.length < frames {
                kept[0] = (run.unit, last.length + run.length)
            } else if run.length < frames || run.unit == last.unit {
                kept[kept.count - 1].length += run.length
            } else {
                kept.append((run.unit, run.length))
            }
        }
        return kept.flatMap { repeatElement($0.unit, count: $0.length) }
    }
}
