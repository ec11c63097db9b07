import Autodiff
import CKernels
import Tensors

extension Tape {
    /// y = act(x̂ · weight + bias), x̂ = (x − μ) / √(σ² + ε), with mean μ and (biased) variance σ² of each
    /// group of channels over all frames of an item; with a residual, (y + residual) · scale. Norm, activation
    /// and sum are one pass over memory.
    ///
    /// - Parameters:
    ///   - x: [B, T, C].
    ///   - weight: [C], or nil for ones.
    ///   - bias: [C], or nil for zeros.
    ///   - groups: G; a divisor of C.
    ///   - activation: nil for none.
    ///   - residual: nil for none.
    /// - Returns: [B, T, C].
    public func groupNorm(
        _ x: Variable, weight: Variable?, bias: Variable?, groups: Int = 1, activation: Activation?,
        residual: Residual? = nil
    ) -> Variable {
        let norm = NormGeometry(shape: x.shape, groups: groups, activation: activation)
        precondition(
            [weight, bias].allSatisfy { $0.map { $0.value.count == norm.channels } ?? true },
            "weight and bias have a value for each of the \(norm.channels) channels")
        let known = groups == 1 ? x.moments : nil
        let moments = known ?? groupMoments(x.value, norm)
        let added = residual.map { ResidualFrames($0, of: x.shape) }
        let y = normalize(x.value, weight: weight?.value, bias: bias?.value, moments, norm, adding: added)
        let inputs = [x] + [weight, bias, residual?.frames].compactMap { $0 }
        return record(y, inputs: inputs) { dy in
            let dResidual = added?.gradient()
            let (dx, dWeight, dBias) = groupNormGradient(
                dy, x: x.value, weight: weight?.value, bias: bias?.value, moments, norm,
                residual: dResidual)
            let others = [weight.map { _ in dWeight }, bias.map { _ in dBias }, dResidual?.values]
            return [dx] + others.compactMap { $0 }
        }
    }
}

/// Of every group of every item.
private func groupMoments(_ x: Tensor, _ norm: NormGeometry) -> [GroupMoments] {
    let none = [GroupMoments](repeating: GroupMoments(), count: norm.groups)
    let partial = Parallel.map(norm.batch * norm.tiles.count) { index in
        let rows = norm.tiles[index % norm.tiles.count]
        let first = index / norm.tiles.count * norm.frames + rows.lowerBound
        var moments = none
        moments.add(x.pointer + first * norm.channels, frames: rows.count, channels: norm.channels)
        return moments
    }
    return (0..<norm.batch).flatMap { item in
        partial[item * norm.tiles.count..<(item + 1) * norm.tiles.count].reduce(into: none) { $0.add($1) }
    }
}

private func normalize(
    _ x: Tensor, weight: Tensor?, bias: Tensor?, _ moments: [GroupMoments], _ norm: NormGeometry,
    adding residual: ResidualFrames?
) -> Tensor {
    let y = Tensor(uninitialized: x.shape)
    let items = norm.normalizations(moments, weight: weight, bias: bias, activation: norm.activation)
    norm.forEachTile { item, _, offset, rows in
        let c = items[item]
        vq_scale_shift_activate(
            x.pointer + offset, y.pointer + offset, rows.count, norm.channels, c.scale.pointer,
            c.shift.pointer, c.activationCode,
            residual?.pointer(item: item, frame: rows.lowerBound), residual?.stride ?? 0,
            residual?.scale ?? 1)
    }
    return y
}

/// With du = ∂L/∂y · act′, w the weight, N values per group, and sums over a group of one item:
///
///     ∂L/∂bias   = Σ_{b,t} du          ∂L/∂weight = Σ_{b,t} du · x̂
///     ∂L/∂x      = (w·du − Σ(w·du)/N − x̂ · Σ(w·du·x̂)/N) / √(σ² + ε)
///
/// With a residual, du = scale · ∂L/∂y · act′.
/// - Parameter residual: gets ∂L/∂residual = scale · ∂L/∂y.
private func groupNormGradient(
    _ dy: Tensor, x: Tensor, weight: Tensor?, bias: Tensor?, _ moments: [GroupMoments],
    _ norm: NormGeometry, residual: ResidualFrames?
) -> (dx: Tensor, dWeight: Tensor, dBias: Tensor) {
    let dx = Tensor(uninitialized: x.shape)
    let sums = backwardSums(
        dy, x: x, weight: weight, bias: bias, moments, norm, du: dx, residual: residual)
    let (dWeight, dBias) = (Tensor(zeros: [norm.channels]), Tensor(zeros: [norm.channels]))
    let shape = [norm.batch, norm.channels]
    // ∂L/∂x = du · a + x · b + k.
    let (a, b, k) = (
        Tensor(uninitialized: shape), Tensor(uninitialized: shape), Tensor(uninitialized: shape)
    )
    for item in 0..<norm.batch {
        var meanDu = [Double](repeating: 0, count: norm.groups)
        var meanDux = meanDu
        for channel in 0..<norm.channels {
            let gain = Double(weight?.pointer[channel] ?? 1)
            let slot = 2 * item * norm.channels + channel
            meanDu[channel / norm.groupChannels] += gain * sums[slot] / norm.groupSize
            meanDux[channel / norm.groupChannels] += gain * sums[slot + norm.channels] / norm.groupSize
            dBias.pointer[channel] += Float(sums[slot])
            dWeight.pointer[channel] += Float(sums[slot + norm.channels])
        }
        for channel in 0..<norm.channels {
            let group = channel / norm.groupChannels
            let normalization = moments[item * norm.groups + group].normalization(count: norm.groupSize)
            let slopes = normalization.slopes(meanDu: meanDu[group], meanDux: meanDux[group])
            let index = item * norm.channels + channel
            a.pointer[index] = Float(
                Double(weight?.pointer[channel] ?? 1) * normalization.inverseDeviation)
            b.pointer[index] = Float(slopes.b)
            k.pointer[index] = Float(slopes.k)
        }
    }
    norm.forEachTile { item, _, offset, rows in
        let first = item * norm.channels
        vq_norm_backward_combine(
            x.pointer + offset, dx.pointer + offset, rows.count, norm.channels, a.pointer + first,
            b.pointer + first, k.pointer + first)
    }
    return (dx, dWeight, dBias)
}

/// Writes du, and ∂L/∂residual, and returns, for each item, Σ du and Σ du · x̂ of every channel: [B, 2, C].
private func backwardSums(
    _ dy: Tensor, x: Tensor, weight: Tensor?, bias: Tensor?, _ moments: [GroupMoments],
    _ norm: NormGeometry, du: Tensor, residual: ResidualFrames?
) -> [Double] {
    let items = norm.normalizations(moments, weight: weight, bias: bias, activation: norm.activation)
    // x̂ itself.
    let plain = norm.normalizations(moments, weight: nil, bias: nil, activation: nil)
    let width = 2 * norm.channels
    let partial = Tensor(zeros: [norm.batch, norm.tiles.count, width])
    norm.forEachTile { item, tile, offset, rows in
        let (c, p) = (items[item], plain[item])
        let sums = partial.pointer + (item * norm.tiles.count + tile) * width
        vq_norm_backward_sums(
            x.pointer + offset, dy.pointer + offset, du.pointer + offset, rows.count, norm.channels,
            c.scale.pointer, c.shift.pointer, p.scale.pointer, p.shift.pointer, c.activationCode, sums,
            sums + norm.channels,
            residual?.pointer(item: item, frame: rows.lowerBound), residual?.stride ?? 0,
            residual?.scale ?? 1)
    }
    return norm.totals(partial)
}
