import Foundation
import Speech
import TestSupport
import Testing

@Suite struct BatchPlanTests {
    /// 60 recordings of 500…5,000 samples, several of equal length.
    let utterances = (0..<60).map {
        Utterance(AudioSource(path: "\($0).wav"), samples: 500 + ($0 * 37 % 10) * 500, id: $0)
    }
    let limits = BatchLimits(maxSampleSize: 3000, minSampleSize: 1000, maxSamples: 9500, maxUtterances: 5)

    func plan(seed: Int = 1) throws -> BatchPlan {
        try BatchPlan(utterances, limits: limits, order: .shuffled(seed: seed))
    }

    @Test func everyLongEnoughUtteranceIsUsedOncePerEpoch() throws {
        let plan = try plan()
        #expect(plan.dropped == utterances.filter { $0.samples < 1000 }.count)
        for epoch in 0..<3 {
            let used = plan.batches(epoch: epoch).flatMap(\.utterances).map(\.id).sorted()
            #expect(used == utterances.filter { $0.samples >= 1000 }.map(\.id))
        }
    }

    @Test func batchesKeepTheLimits() throws {
        let plan = try plan()
        for batch in (0..<3).flatMap({ plan.batches(epoch: $0) }) {
            let sizes = batch.utterances.map { min($0.samples, 3000) }
            #expect(sizes.max()! * sizes.count <= 9500)
            #expect(sizes.count <= 5)
            #expect(batch.samples == sizes.min())
            for (utterance, start) in zip(batch.utterances, batch.cropStarts) {
                #expect(start >= 0 && start + batch.samples <= utterance.samples)
            }
        }
    }

    /// Cutting is greedy: one more utterance would break a limit.
    @Test func batchesAreFull() throws {
        let batches = try BatchPlan(utterances, limits: limits, order: .fixed).batches(epoch: 0)
        for (batch, next) in zip(batches, batches.dropFirst()) {
            let longest = min(batch.utterances[0].samples, 3000)
            let count = batch.utterances.count + 1
            #expect(longest * count > 9500 || count > 5, "\(next.position)")
        }
    }

    @Test func utterancesOfSimilarLengthGoTogether() throws {
        func lengths(_ plan: BatchPlan) -> [[Int]] {
            plan.batches(epoch: 0).map { $0.utterances.map { min($0.samples, 3000) } }
        }
        let ordered = try lengths(BatchPlan(utterances, limits: limits, order: .fixed))
        let all = Array(ordered.joined())
        #expect(all == all.sorted(by: >))
        // Shuffling changes the order of the batches, not their lengths.
        let shuffled = try lengths(plan())
        #expect(shuffled != ordered)
        #expect(Dictionary(grouping: shuffled, by: \.self) == Dictionary(grouping: ordered, by: \.self))
    }

    /// Rows that are filled up: a batch is as long as its longest recording, and only what is longer is cropped.
    @Test func paddedBatches() throws {
        let limits = BatchLimits(
            maxSampleSize: 3000, minSampleSize: 1000, maxSamples: 9500, maxUtterances: 5, pads: true)
        let plan = try BatchPlan(utterances, limits: limits, order: .shuffled(seed: 1))
        let cropped = try self.plan()
        var isMixed = false
        for (batch, other) in zip(plan.batches(epoch: 1), cropped.batches(epoch: 1)) {
            #expect(batch.utterances == other.utterances, "the same batches either way")
            let sizes = batch.utterances.map { min($0.samples, 3000) }
            #expect(batch.samples == sizes.max())
            #expect(batch.utterances.map { batch.length(of: $0) } == sizes)
            for (start, utterance) in zip(batch.cropStarts, batch.utterances) {
                #expect(start >= 0 && start + batch.length(of: utterance) <= utterance.samples)
            }
            isMixed = isMixed || batch.samples != other.samples
        }
        #expect(isMixed)
    }

    @Test func noLimitOnUtterances() throws {
        let limits = BatchLimits(maxSampleSize: 100, maxSamples: 1000)
        let plan = try BatchPlan(utterances, limits: limits, order: .fixed)
        #expect(plan.batches(epoch: 0).map(\.utterances.count) == [10, 10, 10, 10, 10, 10])
        #expect(plan.dropped == 0)
    }

    @Test func positionsCountBatchesAndEpochs() throws {
        let plan = try plan()
        var position = BatchPosition.start
        for epoch in 0..<3 {
            let batches = plan.batches(epoch: epoch)
            #expect(batches.count == plan.batchesPerEpoch)
            for batch in batches {
                #expect(batch.position == position)
                position = plan.position(after: position)
            }
        }
        #expect(position == BatchPosition(epoch: 3, batch: 0))
    }

    @Test func epochsAndSeedsDiffer() throws {
        let plan = try plan()
        #expect(plan.batches(epoch: 0) == (try self.plan().batches(epoch: 0)))
        #expect(plan.batches(epoch: 0).map(\.utterances) != plan.batches(epoch: 1).map(\.utterances))
        #expect(
            plan.batches(epoch: 0).map(\.utterances)
                != (try self.plan(seed: 2).batches(epoch: 0).map(\.utterances)))
        // Equal lengths change places, so that the same recordings do not always meet.
        let groups = { (epoch: Int) in Set(plan.batches(epoch: epoch).map { Set($0.utterances.map(\.id)) }) }
        #expect(groups(0) != groups(1))
    }

    /// A crop is drawn for (seed, epoch, utterance): whatever else is trained on does not matter.
    @Test func cropsDoNotDependOnTheBatch() throws {
        let limits = BatchLimits(maxSampleSize: 500, maxSamples: 2000)
        func starts(_ utterances: [Utterance], seed: Int, epoch: Int) throws -> [Int: Int] {
            let plan = try BatchPlan(utterances, limits: limits, order: .shuffled(seed: seed))
            let pairs = plan.batches(epoch: epoch).flatMap { zip($0.utterances.map(\.id), $0.cropStarts) }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
        let all = try starts(utterances, seed: 3, epoch: 5)
        let half = try starts(Array(utterances.reversed().prefix(30)), seed: 3, epoch: 5)
        #expect(half.allSatisfy { all[$0] == $1 })
        #expect(try starts(utterances, seed: 3, epoch: 6) != all)
        #expect(try starts(utterances, seed: 4, epoch: 5) != all)
    }

    /// As many crops as a recording is long, each somewhere else; in the fixed order side by side.
    @Test func longRecordingsAreCovered() throws {
        let limits = BatchLimits(maxSampleSize: 1000, maxSamples: 5000, coversRecordings: true)
        for order in [BatchPlan.Order.shuffled(seed: 1), .fixed] {
            let plan = try BatchPlan(utterances, limits: limits, order: order)
            #expect(plan.utterances.count == utterances.count)
            var starts: [Int: [Int]] = [:]
            for batch in plan.batches(epoch: 2) {
                for (utterance, start) in zip(batch.utterances, batch.cropStarts) {
                    #expect(start >= 0 && start + batch.samples <= utterance.samples)
                    starts[utterance.id, default: []].append(start)
                }
            }
            for utterance in utterances {
                let own = starts[utterance.id] ?? []
                #expect(own.count == max(1, utterance.samples / 1000))
                if order == .fixed { #expect(own.sorted() == own.indices.map { $0 * 1000 }) }
            }
            #expect(starts.values.contains { $0.count > 3 && Set($0).count == $0.count })
        }
    }

    /// Both ends are reached and no place is preferred.
    @Test func cropsAreUniform() throws {
        let plan = try BatchPlan(
            [Utterance(AudioSource(path: "a"), samples: 109, id: 0)],
            limits: BatchLimits(maxSampleSize: 100, maxSamples: 100),
            order: .shuffled(seed: 1))
        var counts = [Int](repeating: 0, count: 10)
        for epoch in 0..<5000 { counts[plan.batches(epoch: epoch)[0].cropStarts[0]] += 1 }
        #expect(counts.allSatisfy { (400...600).contains($0) }, "\(counts)")
    }

    @Test func fixedOrderIsAlwaysTheSame() throws {
        let plan = try BatchPlan(utterances.reversed(), limits: limits, order: .fixed)
        let first = plan.batches(epoch: 0)
        let second = plan.batches(epoch: 1)
        #expect(first.map(\.utterances) == second.map(\.utterances))
        #expect(first.allSatisfy { $0.cropStarts.allSatisfy { $0 == 0 } })
        #expect(first == (try BatchPlan(utterances, limits: limits, order: .fixed).batches(epoch: 0)))
    }

    @Test(arguments: [
        (BatchLimits(maxSampleSize: 0, maxSamples: 9), "data.max_sample_size: is 0, must be at least 1"),
        (BatchLimits(maxSampleSize: 9, maxSamples: -1), "data.max_samples: is -1, must be at least 1"),
        (
            BatchLimits(maxSampleSize: 9, minSampleSize: -1, maxSamples: 9),
            "data.min_sample_size: is -1, must be at least 0"
        ),
        (
            BatchLimits(maxSampleSize: 9, maxSamples: 9, maxUtterances: -1),
            "data.max_utterances: is -1, must be at least 0"
        ),
        (
            BatchLimits(maxSampleSize: 900, minSampleSize: 901, maxSamples: 9000),
            "data.max_sample_size: 900 samples are fewer than the least that can be used, 901"
        ),
        (
            BatchLimits(maxSampleSize: 9000, minSampleSize: 6000, maxSamples: 9000),
            "no data: all 60 recordings are shorter than 6000 samples"
        ),
        (
            BatchLimits(maxSampleSize: 9000, maxSamples: 4000),
            "7.wav: 5000 samples do not fit into a batch of 4000: raise data.max_samples or lower "
                + "data.max_sample_size"
        ),
    ])
    func contradictions(limits: BatchLimits, expected: String) {
        #expect(message { try BatchPlan(utterances, limits: limits, order: .fixed) } == expected)
    }
}
