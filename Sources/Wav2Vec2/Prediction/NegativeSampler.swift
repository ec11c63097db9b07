/// Draws the distractors of every masked frame. The frame itself is never drawn, which fairseq sees to in its default
/// setting alone (own negatives among masked frames, where this is the same).
package struct NegativeSampler: Sendable {
    private let own: Int
    private let crossSample: Int
    private let fromEverywhere: Bool

    package init(_ configuration: MaskedPredictionConfiguration) {
        (own, crossSample) = (configuration.negatives, configuration.crossSampleNegatives)
        fromEverywhere = configuration.negativesFromEverywhere
    }

    /// - Parameters:
    ///   - masked: frames of each item, at least two, M each.
    ///   - frames: T.
    ///   - draw: a number from 0 to below the bound, for an item.
    /// - Returns: [B, M, K], own negatives first: see `PredictionTask.negatives`.
    package func rows(masked: [[Int]], frames: Int, draw: (_ item: Int, _ bound: Int) -> Int) -> [Int32] {
        let (items, candidates) = (masked.count, fromEverywhere ? frames : masked.first?.count ?? 0)
        var result: [Int32] = []
        result.reserveCapacity(masked.joined().count * (own + crossSample))
        for (item, masked) in masked.enumerated() {
            for (index, frame) in masked.enumerated() {
                let place = fromEverywhere ? frame : index
                for _ in 0..<own {
                    let value = draw(item, candidates - 1)
                    result.append(Int32(item * candidates + (value >= place ? value + 1 : value)))
                }
                let row = item * candidates + place
                for _ in 0..<crossSample {
                    let value = draw(item, items * candidates - 1)
                    result.append(Int32(value >= row ? value + 1 : value))
                }
            }
        }
        return result
    }
}
