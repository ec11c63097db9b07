import Autodiff
import CKernels
import Tensors

extension Tape {
    /// Cosines of predictions and candidates, divided by a temperature (wav2vec 2.0, eq. 3):
    ///
    ///     s = ⟨x̂, ĉ⟩ / κ        x̂ = x / max(|x|, 10⁻⁸)
    ///
    /// - Parameters:
    ///   - x: predictions, [R, C].
    ///   - positives: what each should be, [R, C].
    ///   - table: what negatives are taken from, [Y, C].
    ///   - negatives: [R, K], rows of `table`.
    ///   - excluded: [R, K], whether a negative is the positive itself: its score is −∞, and nothing gets a gradient
    ///     from it.
    ///   - temperature: κ.
    /// - Returns: [R, 1 + K], the positive first.
    public func cosineScores(
        _ x: Variable, positives: Variable, table: Variable, negatives: [Int32], excluded: [Bool],
        temperature: Float
    ) -> Variable {
        precondition(
            x.shape.count == 2 && x.shape == positives.shape && table.shape.last == x.shape[1],
            "predictions \(x.shape), positives \(positives.shape) and negatives \(table.shape) do not fit")
        let rows = x.shape[0]
        precondition(
            negatives.count == excluded.count && negatives.count.isMultiple(of: max(1, rows))
                && negatives.allSatisfy { $0 >= 0 && $0 < table.shape[0] },
            "negatives are equally many rows of \(table.shape) for each prediction")
        precondition(temperature > 0, "a temperature of \(temperature)")
        let scorer = CosineScorer(
            x: UnitRows(x.value), positives: UnitRows(positives.value), table: UnitRows(table.value),
            negatives: negatives, excluded: excluded, inverseTemperature: 1 / temperature)
        return record(scorer.scores(), inputs: [x, positives, table]) { scorer.gradients($0) }
    }
}

private struct CosineScorer: Sendable {
    let x: UnitRows
    let positives: UnitRows
    let table: UnitRows
    let negatives: [Int32]
    let excluded: [Bool]
    let inverseTemperature: Float

    private var rows: Int { x.units.shape[0] }
    private var channels: Int { x.units.shape[1] }
    /// 1 + K.
    private var copies: Int { rows > 0 ? negatives.count / rows + 1 : 1 }

    /// ĉ of a row: the positive and its negatives.
    private func candidates(_ row: Int) -> [UnsafePointer<Float>?] {
        let first = row * (copies - 1)
        return [UnsafePointer(positives.units.pointer + row * channels)]
            + negatives[first..<first + copies - 1].map {
                UnsafePointer(table.units.pointer + Int($0) * channels)
            }
    }

    func scores() -> Tensor {
        let scores = Tensor(uninitialized: [rows, copies])
        Parallel.forEachTile(rows: rows, target: 16) { _, range in
            for row in range {
                let out = scores.pointer + row * copies
                vq_dot_products(
                    [UnsafePointer(x.units.pointer + row * channels)], 1, candidates(row), copies, channels,
                    out)
                vq_scale(out, copies, inverseTemperature)
                for negative in 1..<max(1, copies) where excluded[row * (copies - 1) + negative - 1] {
                    out[negative] = -.infinity
                }
            }
        }
        return scores
    }

    /// ∂L/∂x̂ = Σ ∂L/∂s ĉ / κ and ∂L/∂ĉ = Σ ∂L/∂s x̂ / κ over the places where ĉ is a candidate, then through the
    /// division by the norm.
    func gradients(_ dy: Tensor) -> [Tensor?] {
        let ds = dy.copy()
        vq_scale(ds.pointer, ds.count, inverseTemperature)
        for (index, isExcluded) in excluded.enumerated() where isExcluded {
            let (row, negative) = index.quotientAndRemainder(dividingBy: copies - 1)
            ds.pointer[row * copies + negative + 1] = 0
        }
        let dx = zeroTensor(x.units.shape)
        let dPositives = zeroTensor(positives.units.shape)
        Parallel.forEachTile(rows: rows, target: 16) { _, range in
            for row in range {
                vq_add_weighted_rows(
                    dx.pointer + row * channels, candidates(row), ds.pointer + row * copies, 1, copies,
                    channels)
                vq_add_scaled(
                    dPositives.pointer + row * channels, x.units.pointer + row * channels,
                    ds.pointer[row * copies], channels)
            }
        }
        return [
            x.gradient(dx), positives.gradient(dPositives), table.gradient(tableGradient(ds)),
        ]
    }

    /// Any row of the table can be a negative of any prediction: threads own ranges of channels.
    private func tableGradient(_ ds: Tensor) -> Tensor {
        let gradient = zeroTensor(table.units.shape)
        let blocks = Tiling(rows: channels, target: max(16, channels / 8))
        Parallel.forEach(blocks.count) { block in
            let range = blocks[block]
            for row in 0..<rows {
                let source = x.units.pointer + row * channels + range.lowerBound
                for negative in 0..<copies - 1 {
                    let target = Int(negatives[row * (copies - 1) + negative])
                    vq_add_scaled(
                        gradient.pointer + target * channels + range.lowerBound, source,
                        ds.pointer[row * copies + negative + 1], range.count)
                }
            }
        }
        return gradient
    }
}

/// Rows divided by their norms, x̂ = x / max(|x|, 10⁻⁸).
private struct UnitRows: Sendable {
    let units: Tensor
    /// 1 / max(|x|, 10⁻⁸) of each row.
    private let inverses: [Float]
    /// Whether the norm of a row is the larger of both.
    private let hasNorm: [Bool]

    init(_ x: Tensor) {
        let (rows, channels) = (x.shape[0], x.shape[1])
        units = x.copy()
        let norms = (0..<rows).map { row in
            vq_sum_of_squares(x.pointer + row * channels, channels).squareRoot()
        }
        hasNorm = norms.map { !($0 < 1e-8) }
        inverses = norms.map { Float(1 / ($0 < 1e-8 ? 1e-8 : $0)) }
        for row in 0..<rows { vq_scale(units.pointer + row * channels, channels, inverses[row]) }
    }

    /// ∂L/∂x = (∂L/∂x̂ − x̂ ⟨x̂, ∂L/∂x̂⟩) / |x|, from ∂L/∂x̂, in its place.
    func gradient(_ upstream: Tensor) -> Tensor {
        let channels = units.shape[1]
        for row in 0..<units.shape[0] {
            let (unit, gradient) = (units.pointer + row * channels, upstream.pointer + row * channels)
            if hasNorm[row] {
                var along = 0.0
                for c in 0..<channels { along += Double(unit[c]) * Double(gradient[c]) }
                vq_add_scaled(gradient, unit, Float(-along), channels)
            }
            vq_scale(gradient, channels, inverses[row])
        }
        return upstream
    }
}
