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
        let norm = NormGeometry(shape: x.shape, groups: groups, activation: activation?.code ?? 0)
        precondition([weight, bias].allSatisfy { $0.map { $0.value.count == norm.channels } ?? true })
        let known = groups == 1 ? x.moments : nil
        let statistics = GroupStatistics(known ?? groupMoments(x.value, norm), norm)
        let added = residual.map { ResidualFrames($0, of: x.shape) }
        let y = normalize(x.value, weight: weight?.value, bias: bias?.value, statistics, norm, adding: added)
        let inputs = [x] + [weight, bias, residual?.frames].compactMap { $0 }
        return record(y, inputs: inputs) { dy in
            let dResidual = added?.gradient()
            let (dx, dWeight, dBias) = groupNormGradient(
                dy, x: x.value, weight: weight?.value, bias: bias?.value, statistics, norm,
                residual: dResidual)
            let others = [weight.map { _ in dWeight }, bias.map { _ in dBias }, dResidual?.values]
            return [dx] + others.compactMap { $0 }
        }
    }
}

private struct NormGeometry {
    let batch: Int
    let frames: Int
    let channels: Int
    let groups: Int
    let activation: Int32
    let tiles: Tiling

    var groupChannels: Int { channels / groups }
    var groupSize: Double { Double(frames * groupChannels) }

    init(shape: [Int], groups: Int, activation: Int32) {
        precondition(shape.count == 3 && shape[2] % groups == 0)
        (batch, frames, channels) = (shape[0], shape[1], shape[2])
        self.groups = groups
        self.activation = activation
        tiles = Tiling(rows: frames, target: max(16, elementTile / shape[2]))
    }

    /// Calls `body` for all tiles of all items with the tile's number and the offset of its first value.
    func forEachTile(_ body: (_ item: Int, _ tile: Int, _ offset: Int, _ rows: Range<Int>) -> Void) {
        Parallel.forEach(batch * tiles.count) { index in
            let (item, tile) = (index / tiles.count, index % tiles.count)
            let rows = tiles[tile]
            body(item, tile, (item * frames + rows.lowerBound) * channels, rows)
        }
    }
}

/// Mean and 1/√(σ² + ε) of every group of every item, [B, G] each.
private struct GroupStatistics {
    let mean: [Double]
    let inverseDeviation: [Double]

    init(_ moments: [GroupMoments], _ norm: NormGeometry) {
        let normalizations = moments.map { $0.normalization(count: norm.groupSize) }
        (mean, inverseDeviation) = (normalizations.map(\.mean), normalizations.map(\.inverseDeviation))
    }
}

/// Of every group of every item.
private func groupMoments(_ x: Tensor, _ norm: NormGeometry) -> [GroupMoments] {
    let perItem = norm.tiles.count * norm.groups
    // For each item, tile and group.
    var partial = [GroupMoments](repeating: GroupMoments(), count: norm.batch * perItem)
    partial.withUnsafeMutableBufferPointer { partial in
        guard let partial = partial.baseAddress else { return }
        norm.forEachTile { item, tile, offset, rows in
            for group in 0..<norm.groups {
                partial[item * perItem + tile * norm.groups + group].add(
                    x.pointer + offset + group * norm.groupChannels, frames: rows.count,
                    stride: norm.channels, channels: norm.groupChannels)
            }
        }
    }
    return (0..<norm.batch * norm.groups).map { index in
        let (item, group) = (index / norm.groups, index % norm.groups)
        return (0..<norm.tiles.count).reduce(into: GroupMoments()) { moments, tile in
            moments += partial[item * perItem + tile * norm.groups + group]
        }
    }
}

/// For each item and channel, [B, C]: x̂ = x · rstd + offset, and the activation's argument
/// x · scale + shift.
private struct ChannelCoefficients {
    let rstd: Tensor
    let offset: Tensor
    let scale: Tensor
    let shift: Tensor

    init(_ statistics: GroupStatistics, weight: Tensor?, bias: Tensor?, _ norm: NormGeometry) {
        let shape = [norm.batch, norm.channels]
        (rstd, offset) = (Tensor(uninitialized: shape), Tensor(uninitialized: shape))
        (scale, shift) = (Tensor(uninitialized: shape), Tensor(uninitialized: shape))
        for index in 0..<norm.batch * norm.channels {
            let channel = index % norm.channels
            let group = index / norm.channels * norm.groups + channel / norm.groupChannels
            let (mean, inverse) = (statistics.mean[group], statistics.inverseDeviation[group])
            let gain = Double(weight?.pointer[channel] ?? 1)
            rstd.pointer[index] = Float(inverse)
            offset.pointer[index] = Float(-mean * inverse)
            scale.pointer[index] = Float(gain * inverse)
            shift.pointer[index] = Float(Double(bias?.pointer[channel] ?? 0) - mean * inverse * gain)
        }
    }
}

private func normalize(
    _ x: Tensor, weight: Tensor?, bias: Tensor?, _ statistics: GroupStatistics, _ norm: NormGeometry,
    adding residual: ResidualFrames?
) -> Tensor {
    let y = Tensor(uninitialized: x.shape)
    let c = ChannelCoefficients(statistics, weight: weight, bias: bias, norm)
    norm.forEachTile { item, _, offset, rows in
        let first = item * norm.channels
        vq_scale_shift_activate(
            x.pointer + offset, y.pointer + offset, rows.count, norm.channels, c.scale.pointer + first,
            c.shift.pointer + first, norm.activation,
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
    _ dy: Tensor, x: Tensor, weight: Tensor?, bias: Tensor?, _ statistics: GroupStatistics,
    _ norm: NormGeometry, residual: ResidualFrames?
) -> (dx: Tensor, dWeight: Tensor, dBias: Tensor) {
    let dx = Tensor(uninitialized: x.shape)
    let sums = backwardSums(
        dy, x: x, weight: weight, bias: bias, statistics, norm, du: dx, residual: residual)
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
            let inverse = statistics.inverseDeviation[item * norm.groups + group]
            let mean = statistics.mean[item * norm.groups + group]
            let index = item * norm.channels + channel
            a.pointer[index] = Float(Double(weight?.pointer[channel] ?? 1) * inverse)
            b.pointer[index] = Float(-inverse * inverse * meanDux[group])
            k.pointer[index] = Float(inverse * (mean * inverse * meanDux[group] - meanDu[group]))
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
    _ dy: Tensor, x: Tensor, weight: Tensor?, bias: Tensor?, _ statistics: GroupStatistics,
    _ norm: NormGeometry, du: Tensor, residual: ResidualFrames?
) -> [Double] {
    let c = ChannelCoefficients(statistics, weight: weight, bias: bias, norm)
    let width = 2 * norm.channels
    let partial = Tensor(zeros: [norm.batch, norm.tiles.count, width])
    norm.forEachTile { item, tile, offset, rows in
        let first = item * norm.channels
        let sums = partial.pointer + (item * norm.tiles.count + tile) * width
        vq_norm_backward_sums(
            x.pointer + offset, dy.pointer + offset, du.pointer + offset, rows.count, norm.channels,
            c.scale.pointer + first, c.shift.pointer + first, c.rstd.pointer + first,
            c.offset.pointer + first, norm.activation, sums, sums + norm.channels,
            residual?.pointer(item: item, frame: rows.lowerBound), residual?.stride ?? 0,
            residual?.scale ?? 1)
    }
    var total = [Double](repeating: 0, count: norm.batch * width)
    for item in 0..<norm.batch {
        for tile in 0..<norm.tiles.count {
            let sums = partial.pointer + (item * norm.tiles.count + tile) * width
            for index in 0..<width { total[item * width + index] += Double(sums[index]) }
        }
    }
    return total
}
