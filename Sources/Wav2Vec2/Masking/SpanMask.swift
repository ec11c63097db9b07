/// Draws which frames (or channels) are masked: spans that begin anywhere (wav2vec 2.0 §3.1 and appendix A; fairseq's
/// `compute_mask_indices`).
package struct SpanMask: Sendable {
    private let spans: SpanConfiguration
    /// Spans of each item, at least.
    private let fewest: Int
    /// Share of the masked frames that are shown again.
    private let unmaskedShare: Double

    package init(_ spans: SpanConfiguration, fewest: Int, unmaskedShare: Double = 0) {
        (self.spans, self.fewest, self.unmaskedShare) = (spans, fewest, unmaskedShare)
    }

    /// The masked frames of each item, in ascending order, equally many for each: where an item has more than another
    /// one, some of its frames are not masked after all.
    ///
    /// - Parameters:
    ///   - frames: of each item, that can be masked.
    ///   - draws: for each item.
    ///   - last: whether what follows the spans of all items comes from the draws of the last one.
    package func callAsFunction<Draws: SpanDraws>(
        frames: [Int], draws: inout [Draws], last: Bool = false
    ) -> [[Int]] {
        var masks: [[Int]] = []
        for (item, count) in frames.enumerated() { masks.append(masked(of: count, &draws[item])) }
        let fewestMasked = masks.map(\.count).min() ?? 0
        return masks.enumerated().map { item, mask in
            let source = last ? draws.count - 1 : item
            var mask = mask
            if mask.count > fewestMasked {
                mask = draws[source].distinct(fewestMasked, of: mask)
            }
            if unmaskedShare > 0 {
                let shown = Int((Double(mask.count) * unmaskedShare).rounded(.toNearestOrEven))
                let holes = Set(draws[source].distinct(shown, of: mask))
                mask.removeAll { holes.contains($0) }
            }
            return mask.sorted()
        }
    }

    /// - Parameter size: frames.
    private func masked<Draws: SpanDraws>(of size: Int, _ draws: inout Draws) -> [Int] {
        let expected = spans.probability * Double(size) / Double(spans.length)
        let number = max(fewest, Int(min(expected + draws.uniform(), Double(size))))
        var lengths = self.lengths(number, &draws)
        if lengths.reduce(0, +) == 0 { lengths = [min(spans.length, size - 1)] }
        let frames =
            spans.overlap
            ? overlapping(number, lengths, size, &draws) : separate(lengths, size, &draws)
        return Set(frames.filter { $0 < size }).sorted()
    }

    private func lengths<Draws: SpanDraws>(_ number: Int, _ draws: inout Draws) -> [Int] {
        let mean = Double(spans.length)
        switch spans.lengths {
        case .static: return Array(repeating: spans.length, count: number)
        case .uniform: return draws.integers(in: Int(spans.other)..<2 * spans.length + 1, count: number)
        case .normal:
            return draws.normals(mean: mean, deviation: spans.other, count: number).map {
                max(1, Int($0.rounded(.toNearestOrEven)))
            }
        case .poisson: return draws.poissons(mean: mean, count: number)
        }
    }

    private func overlapping<Draws: SpanDraws>(
        _ number: Int, _ lengths: [Int], _ size: Int, _ draws: inout Draws
    ) -> [Int] {
        // No span begins so late that the shortest one would not fit, where there are enough other places.
        let places = size - (lengths.min() ?? 0)
        let starts = draws.distinct(number, below: places <= number ? number + 1 : places)
        return zip(starts, lengths).flatMap { start, length in start..<start + length }
    }

    /// Spans are placed one after the other, the longest first, into what is still free.
    private func separate<Draws: SpanDraws>(
        _ lengths: [Int], _ size: Int, _ draws: inout Draws
    ) -> [Int] {
        let (space, shortest) = (spans.minimumSpace, lengths.min() ?? 0)
        var free = [0..<size]
        var frames: [Int] = []
        for length in lengths.sorted(by: >) {
            let weights = free.map { $0.count >= length + space ? $0.count : 0 }
            guard weights.contains(where: { $0 > 0 }) else { break }
            let part = free.remove(at: draws.index(weights: weights))
            // Where spans need no space, one may fill its part.
            let latest = max(part.lowerBound + 1, part.upperBound - length)
            let start = draws.integer(in: part.lowerBound..<latest)
            frames += start..<start + length
            if start - part.lowerBound - space >= shortest {
                free.append(part.lowerBound..<max(part.lowerBound, start - space + 1))
            }
            if part.upperBound - start - length - space > shortest {
                free.append(start + length + space..<part.upperBound)
            }
        }
        return frames
    }
}
