import CKernels
import Files
import Foundation
import Synchronization
import Tensors

extension ABXTask {
    /// Counts the errors of every cell: how often an A is farther from X than a B is, ties counting half.
    ///
    /// X's frames are the rows of every comparison: where several paths are equally cheap, that decides which is
    /// taken, and its length is what a distance is divided by.
    /// - Parameters:
    ///   - isPooled: compares the means of the items' frames.
    ///   - progress: told the share that is done, by several threads, one at a time.
    /// - Throws: `EvaluationError` that names the line of an item that has no frames, or for a distance of units where
    ///   there are features, or the other way round.
    public func scores(
        _ recordings: ABXRecordings, timing: ABXTiming, distance: ABXDistance, isPooled: Bool = false,
        progress: @Sendable (Double) -> Void = { _ in }
    ) throws(EvaluationError) -> ABXScores {
        let cuts = try ABXCuts(items, timing, recordings)
        let comparison: any ABXComparison
        switch recordings.content {
        case .features(let features):
            guard !distance.isOfUnits else { throw .notFrames(distance: distance.rawValue) }
            comparison = FrameComparison(
                features, dimensions: recordings.dimensions, items: items, cuts: cuts, distance: distance,
                isPooled: isPooled)
        case .units(let units):
            guard distance.isOfUnits else { throw .notUnits(distance: distance.rawValue) }
            comparison = UnitComparison(units, items: items, cuts: cuts, distance: distance)
        }
        let work = work(comparison)
        let state = Mutex((twice: [Int](repeating: 0, count: cells.count), done: 0))
        Parallel.forEach(work.count) { index in
            let counts = errors(work[index], comparison)
            state.withLock { state in
                for (cell, twice) in counts { state.twice[cell] += twice }
                state.done += 1
                progress(Double(state.done) / Double(work.count))
            }
        }
        return ABXScores(task: self, twiceErrors: state.withLock { $0.twice })
    }

    /// Some items of a group X, and the cells of that group.
    private struct Work {
        let x: ArraySlice<Int32>
        let cells: [Int]
    }

    private func work(_ comparison: any ABXComparison) -> [Work] {
        var cellsOfX: [Int: [Int]] = [:]
        var order: [Int] = []
        for (number, cell) in cells.enumerated() {
            if cellsOfX[cell.x] == nil { order.append(cell.x) }
            cellsOfX[cell.x, default: []].append(number)
        }
        return order.flatMap { x in
            comparison.portions(of: groups[x]).map { Work(x: $0, cells: cellsOfX[x] ?? []) }
        }
    }

    private func errors(_ work: Work, _ comparison: any ABXComparison) -> [(cell: Int, twice: Int)] {
        // A and B of all cells, each item once, alike in length side by side.
        var members: Set<Int> = []
        for cell in work.cells {
            members.insert(cells[cell].a)
            members.insert(cells[cell].b)
        }
        let others = comparison.sorted(Set(members.flatMap { groups[$0] }))
        var columns: [Int32: Int] = [:]
        for (column, item) in others.enumerated() { columns[item] = column }
        let distances = comparison.distances(work.x, to: others)
        let columnsOfGroups = Dictionary(
            uniqueKeysWithValues: members.map { group in (group, groups[group].map { columns[$0] ?? 0 }) })
        return work.cells.map { number in
            let cell = cells[number]
            let (a, b) = (columnsOfGroups[cell.a] ?? [], columnsOfGroups[cell.b] ?? [])
            var twice = 0
            for (row, x) in work.x.enumerated() {
                let own = columns[x]
                distances[(row * others.count)..<((row + 1) * others.count)].withUnsafeBufferPointer {
                    distances in
                    twice += Self.twiceErrors(a, b, without: own, distances)
                }
            }
            return (number, twice)
        }
    }

    /// 2 · #{d(a) > d(b)} + #{d(a) = d(b)} over all pairs.
    private static func twiceErrors(
        _ a: [Int], _ b: [Int], without own: Int?, _ distances: UnsafeBufferPointer<Double>
    ) -> Int {
        var twice = 0
        guard a.count * b.count > 512 else {
            for a in a where a != own {
                for b in b {
                    if distances[a] > distances[b] {
                        twice += 2
                    } else if distances[a] == distances[b] {
                        twice += 1
                    }
                }
            }
            return twice
        }
        let sorted = b.map { distances[$0] }.sorted()
        func count(_ isBefore: (Double) -> Bool) -> Int {
            var (low, high) = (0, sorted.count)
            while low < high {
                let middle = (low + high) / 2
                if isBefore(sorted[middle]) { low = middle + 1 } else { high = middle }
            }
            return low
        }
        for a in a where a != own {
            let distance = distances[a]
            twice += count { $0 < distance } + count { $0 <= distance }
        }
        return twice
    }
}
