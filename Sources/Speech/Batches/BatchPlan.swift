import Tensors

/// How recordings are cut into batches.
public struct BatchLimits: Sendable, Equatable {
    /// Longest crop, in samples.
    public var maxSampleSize: Int
    /// Recordings with fewer samples are skipped.
    public var minSampleSize: Int
    /// Batch size times longest recording of a batch, in samples, at most (fairseq: `max_tokens`).
    public var maxSamples: Int
    /// Recordings per batch, at most; 0 means no limit (fairseq: `max_sentences`).
    public var maxUtterances: Int

    public init(maxSampleSize: Int, minSampleSize: Int = 0, maxSamples: Int, maxUtterances: Int = 0) {
        self.maxSampleSize = maxSampleSize
        self.minSampleSize = minSampleSize
        self.maxSamples = maxSamples
        self.maxUtterances = maxUtterances
    }
}

/// A batch before its recordings are read.
public struct PlannedBatch: Sendable, Equatable {
    public var position: BatchPosition
    public var utterances: [Utterance]
    /// Where each utterance's crop begins, in samples.
    public var cropStarts: [Int]
    /// Length of every crop: that of the shortest utterance, at most `maxSampleSize`.
    public var samples: Int
}

/// Which recordings form which batch, and which part of them is used: fairseq's batches of raw audio.
///
/// Recordings are ordered by length (at most `maxSampleSize`), longest first, cut into batches within the
/// limits, and every batch is cropped to its shortest member. Everything is a function of (seed, epoch,
/// utterance). Unlike fairseq, which forms batches once, recordings of equal length change places in every
/// epoch, and batches of more than eight are not rounded down to a multiple of eight.
public struct BatchPlan: Sendable {
    public enum Order: Sendable, Equatable {
        /// Recordings of equal length, the batches of an epoch, and crops at random.
        case shuffled(seed: Int)
        /// Every epoch alike, cropped from the start: for validation.
        case fixed
    }

    public let order: Order
    public let limits: BatchLimits
    /// Those that are long enough, longest first.
    public let utterances: [Utterance]
    /// How many were skipped because they are shorter than `minSampleSize`.
    public let dropped: Int
    /// Batches as ranges of `utterances`. Exchanging utterances of equal length does not change them.
    private let ranges: [Range<Int>]

    /// - Throws: `DataError` if the limits contradict each other or no recording is long enough.
    public init(_ utterances: [Utterance], limits: BatchLimits, order: Order) throws {
        try Self.check(limits)
        let size = { (utterance: Utterance) in min(utterance.samples, limits.maxSampleSize) }
        let kept = utterances.filter { $0.samples >= max(limits.minSampleSize, 1) }
        guard !kept.isEmpty else {
            throw DataError.unsuitable(
                "no data: all \(utterances.count) recordings are shorter than \(limits.minSampleSize) samples"
            )
        }
        self.order = order
        self.limits = limits
        dropped = utterances.count - kept.count
        self.utterances = kept.sorted { (size($1), $0.id) < (size($0), $1.id) }

        var ranges: [Range<Int>] = []
        var start = 0
        while start < kept.count {
            // The first of a batch is its longest.
            var capacity = limits.maxSamples / size(self.utterances[start])
            if limits.maxUtterances > 0 { capacity = min(capacity, limits.maxUtterances) }
            guard capacity > 0 else {
                throw DataError.unsuitable(
                    "\(self.utterances[start].path): \(size(self.utterances[start])) samples do not fit into a "
                        + "batch of \(limits.maxSamples): raise data.max_samples or lower data.max_sample_size"
                )
            }
            let end = start + min(capacity, kept.count - start)
            ranges.append(start..<end)
            start = end
        }
        self.ranges = ranges
    }

    /// The same in every epoch.
    public var batchesPerEpoch: Int { ranges.count }

    /// The position `count` batches after another; one that the plan has not stays as it is.
    public func position(after position: BatchPosition, count: Int = 1) -> BatchPosition {
        guard has(position) else { return position }
        let batch = position.batch + count
        return BatchPosition(
            epoch: position.epoch + batch / batchesPerEpoch, batch: batch % batchesPerEpoch)
    }

    func has(_ position: BatchPosition) -> Bool {
        (0..<Int(UInt32.max)).contains(position.epoch) && (0..<batchesPerEpoch).contains(position.batch)
    }

    /// The batches of one epoch, in the order of training.
    public func batches(epoch: Int) -> [PlannedBatch] {
        var members = utterances
        var sequence = Array(ranges.indices)
        if case .shuffled(let seed) = order {
            members = exchangingEqualLengths(seed: seed, epoch: epoch)
            var stream = RandomStream(seed: seed, purpose: .dataOrder, update: epoch, item: 1)
            sequence = stream.permutation(ranges.count)
        }
        return sequence.enumerated().map { index, batch in
            let chosen = Array(members[ranges[batch]])
            let samples = chosen.map(size).min() ?? 0
            return PlannedBatch(
                position: BatchPosition(epoch: epoch, batch: index), utterances: chosen,
                cropStarts: chosen.map { cropStart(of: $0, samples: samples, epoch: epoch) },
                samples: samples)
        }
    }

    private func exchangingEqualLengths(seed: Int, epoch: Int) -> [Utterance] {
        var stream = RandomStream(seed: seed, purpose: .dataOrder, update: epoch, item: 0)
        let rank = stream.permutation(utterances.count)
        let order = utterances.indices.sorted {
            (size(utterances[$1]), rank[$0]) < (size(utterances[$0]), rank[$1])
        }
        return order.map { utterances[$0] }
    }

    /// Uniform among all places where the crop fits.
    private func cropStart(of utterance: Utterance, samples: Int, epoch: Int) -> Int {
        guard case .shuffled(let seed) = order else { return 0 }
        var stream = RandomStream(seed: seed, purpose: .crop, update: epoch, item: utterance.id)
        return stream.nextInteger(below: min(utterance.samples - samples + 1, Int(UInt32.max)))
    }

    private func size(_ utterance: Utterance) -> Int {
        min(utterance.samples, limits.maxSampleSize)
    }

    private static func check(_ limits: BatchLimits) throws {
        let named = [
            ("data.max_sample_size", limits.maxSampleSize, 1),
            ("data.min_sample_size", limits.minSampleSize, 0),
            ("data.max_samples", limits.maxSamples, 1), ("data.max_utterances", limits.maxUtterances, 0),
        ]
        for (name, value, least) in named where value < least {
            throw DataError.argument("\(name): is \(value), must be at least \(least)")
        }
        guard limits.minSampleSize <= limits.maxSampleSize else {
            throw DataError.argument(
                "data.max_sample_size: \(limits.maxSampleSize) samples are fewer than the least that can be "
                    + "used, \(limits.minSampleSize)")
        }
    }
}

extension RandomStream.Purpose {
    static let dataOrder = RandomStream.Purpose(2)
    static let crop = RandomStream.Purpose(3)
}
