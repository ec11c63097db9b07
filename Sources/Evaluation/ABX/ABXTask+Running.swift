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
    /// - Throws: `EvaluationError` that names the line of an item that has no frames, or the recording whose frames the
    ///   distance does not compare; also for a distance of units where there are features, or the other way round.
    public func scores(
        _ recordings: ABXRecordings, timing: ABXTiming, distance: ABXDistance, isPooled: Bool = false,
        progress: @Sendable (Double) -> Void = { _ in }
    ) throws(EvaluationError) -> ABXScores {
        let cuts = try ABXCuts(items, timing, recordings, distance)
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

    /// Items X that are compared with the same others.
    private struct Work {
        /// The groups of the others.
        let others: [Int]
        var x: [Int32] = []
        /// Of each group among the X: places in `x`, and the group's cells.
        var groups: [(places: Range<Int>, cells: [Int])] = []
    }

    private func work(_ comparison: any ABXComparison) -> [Work] {
        var cellsOfX: [Int: [Int]] = [:]
        for (number, cell) in cells.enumerated() { cellsOfX[cell.x, default: []].append(number) }
        // Groups X by what they are compared with, which is gathered once for many of them.
        var alike: [[Int]: [Int]] = [:]
        for (x, numbers) in cellsOfX {
            alike[Set(numbers.flatMap { [cells[$0].a, cells[$0].b] }).sorted(), default: []].append(x)
        }
        return alike.flatMap { others, groupsOfX in
            portions(of: groupsOfX.sorted(), others: others, cellsOfX, comparison)
        }
    }

    private func portions(
        of groupsOfX: [Int], others: [Int], _ cellsOfX: [Int: [Int]], _ comparison: any ABXComparison
    ) -> [Work] {
        var portions: [Work] = []
        var (work, size) = (Work(others: others), 0)
        for x in groupsOfX {
            var start = work.x.count
            func close() {
                guard start < work.x.count else { return }
                work.groups.append((start..<work.x.count, cellsOfX[x] ?? []))
            }
            for item in groups[x] {
                work.x.append(item)
                size += comparison.size(of: item)
                guard size >= type(of: comparison).portion else { continue }
                close()
                portions.append(work)
                (work, size, start) = (Work(others: others), 0, 0)
            }
            close()
        }
        return portions + (work.x.isEmpty ? [] : [work])
    }

    private func errors(_ work: Work, _ comparison: any ABXComparison) -> [(cell: Int, twice: Int)] {
        // A and B of all cells, each item once, alike in length side by side.
        let others = comparison.sorted(Set(work.others.flatMap { groups[$0] }))
        var columns: [Int32: Int] = [:]
        for (column, item) in others.enumerated() { columns[item] = column }
        let distances = comparison.distances(work.x, to: others)
        let columnsOfGroups = Dictionary(
            uniqueKeysWithValues: work.others.map { group in (group, groups[group].map { columns[$0] ?? 0 }) }
        )
        return work.groups.flatMap { places, cellsOfX in
            cellsOfX.map { number in
                let cell = cells[number]
                let (a, b) = (columnsOfGroups[cell.a] ?? [], columnsOfGroups[cell.b] ?? [])
                var twice = 0
                for row in places {
                    distances[(row * others.count)..<((row + 1) * others.count)].withUnsafeBufferPointer {
                        twice += Self.twiceErrors(a, b, without: columns[work.x[row]], $0)
                    }
                }
                return (number, twice)
            }
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
