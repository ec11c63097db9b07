import Autodiff
import CKernels
import Tensors

extension Tape {
    /// y = act(x̂ · weight + bias), x̂ = (x − μ) / √(σ² + ε), with mean μ and (biased) variance σ² of each frame over
    /// its channels, ε = 10⁻⁵ (Ba et al. 2016); with a residual, (y + residual) · scale. Norm, activation and sum are
    /// one pass over memory.
    ///
    /// - Parameters:
    ///   - x: [B, T, C].
    ///   - weight: [C], or nil for ones.
    ///   - bias: [C], or nil for zeros.
    ///   - activation: nil for none.
    ///   - residual: nil for none.
    /// - Returns: [B, T, C].
    public func layerNorm(
        _ x: Variable, weight: Variable?, bias: Variable?, activation: Activation? = nil,
        residual: Residual? = nil
    ) -> Variable {
        let norm = NormGeometry(shape: x.shape, groups: 1, activation: activation)
        precondition(
            [weight, bias].allSatisfy { $0.map { $0.value.count == norm.channels } ?? true },
            "weight and bias have a value for each of the \(norm.channels) channels")
        // Of every frame μ and 1/√(σ² + ε).
        let statistics = Tensor(uninitialized: [norm.batch * norm.frames, 2])
        let added = residual.map { ResidualFrames($0, of: x.shape) }
        let affine = FrameNormalization(
            .layer, moments: [], frames: norm.frames, channels: norm.channels, weight: weight?.value,
            bias: bias?.value, activation: activation)
        let y = Tensor(uninitialized: x.shape)
        norm.forEachTile { item, _, offset, rows in
            vq_layer_norm(
                x.value.pointer + offset, y.pointer + offset, statistics.pointer + offset / norm.channels * 2,
                rows.count, norm.channels, affine.scale.pointer, affine.shift.pointer, affine.activationCode,
                added?.pointer(item: item, frame: rows.lowerBound), added?.stride ?? 0, added?.scale ?? 1)
        }
        return record(y, inputs: [x] + [weight, bias, residual?.frames].compactMap { $0 }) { dy in
            let dResidual = added?.gradient()
            let (dx, dWeight, dBias) = layerNormGradient(
                dy, x: x.value, statistics, affine, norm, residual: dResidual)
            let others = [weight.map { _ in dWeight }, bias.map { _ in dBias }, dResidual?.values]
            return [dx] + others.compactMap { $0 }
        }
    }
}

/// With du = ∂L/∂y · act′, w the weight, and means over the channels of a frame:
///
///     ∂L/∂bias = Σ_{b,t} du            ∂L/∂weight = Σ_{b,t} du · x̂
///     ∂L/∂x    = (w·du − mean(w·du) − x̂ · mean(w·du·x̂)) / √(σ² + ε)
///
/// With a residual, du = scale · ∂L/∂y · act′.
/// - Parameter residual: gets ∂L/∂residual = scale · ∂L/∂y.
private func layerNormGradient(
    _ dy: Tensor, x: Tensor, _ statistics: Tensor, _ affine: FrameNormalization, _ norm: NormGeometry,
    residual: ResidualFrames?
) -> (dx: Tensor, dWeight: Tensor, dBias: Tensor) {
    let dx = Tensor(uninitialized: x.shape)
    let width = 2 * norm.channels
    let partial = Tensor(zeros: [norm.batch, norm.tiles.count, width])
    norm.forEachTile { item, tile, offset, rows in
        let sums = partial.pointer + (item * norm.tiles.count + tile) * width
        vq_layer_norm_backward(
            x.pointer + offset, dy.pointer + offset, dx.pointer + offset,
            statistics.pointer + offset / norm.channels * 2, rows.count, norm.channels, affine.scale.pointer,
            affine.shift.pointer, affine.activationCode, sums, sums + norm.channels,
            residual?.pointer(item: item, frame: rows.lowerBound), residual?.stride ?? 0,
            residual?.scale ?? 1)
    }
    let totals = norm.totals(partial)
    func sum(_ column: Int) -> Float {
        Float((0..<norm.batch).reduce(0.0) { $0 + totals[$1 * width + column] })
    }
    let channels = norm.channels
    return (
        dx, Tensor((channels..<width).map(sum), shape: [channels]),
        Tensor((0..<channels).map(sum), shape: [channels])
    )
}
