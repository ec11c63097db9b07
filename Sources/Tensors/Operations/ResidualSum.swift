import CKernels

extension Tape {
    /// y[b, t] = (x[b, t] + residual[b, t · step]) · scale, step = ⌊Tr / T⌋ (fairseq's encoder subsamples
    /// the input of a strided block like this).
    ///
    /// - Parameters:
    ///   - x: [B, T, C].
    ///   - residual: [B, Tr, C], Tr ≥ T.
    /// - Returns: [B, T, C].
    public func residualSum(_ x: Variable, _ residual: Variable, scale: Float) -> Variable {
        let (frames, channels) = (x.shape[1], x.shape[2])
        let step = residual.shape[1] / frames
        precondition(step > 0 && residual.shape[2] == channels)
        let y = Tensor(uninitialized: x.shape)
        forEachResidualRun(x.value, residual.value, step: step) { offset, residualOffset, count in
            vq_sum_scale(
                x.value.pointer + offset, residual.value.pointer + residualOffset, y.pointer + offset,
                count, scale)
        }
        return record(y, inputs: [x, residual]) { dy in
            residualSumGradient(dy, residualShape: residual.shape, step: step, scale: scale)
        }
    }
}

/// ∂L/∂x = scale · ∂L/∂y; ∂L/∂residual the same at the frames that were used, zero elsewhere.
private func residualSumGradient(
    _ dy: Tensor, residualShape: [Int], step: Int, scale: Float
) -> [Tensor?] {
    let dx = dy.copy()
    Parallel.forEachTile(rows: dx.count, target: elementTile) { _, range in
        vq_scale(dx.pointer + range.lowerBound, range.count, scale)
    }
    if residualShape == dy.shape { return [dx, dx] }
    let dResidual = zeroTensor(residualShape)
    forEachResidualRun(dx, dResidual, step: step) { offset, residualOffset, count in
        (dResidual.pointer + residualOffset).update(from: dx.pointer + offset, count: count)
    }
    return [dx, dResidual]
}

/// Pairs of runs of floats that belong together: whole tiles where no frame is skipped, frames otherwise.
private func forEachResidualRun(
    _ x: Tensor, _ residual: Tensor, step: Int,
    _ body: (_ offset: Int, _ residualOffset: Int, _ count: Int) -> Void
) {
    let (frames, channels) = (x.shape[1], x.shape[2])
    let tiles = Tiling(rows: frames, target: max(16, elementTile / channels))
    Parallel.forEach(x.shape[0] * tiles.count) { index in
        let item = index / tiles.count
        let rows = tiles[index % tiles.count]
        let (start, residualStart) = (item * frames, item * residual.shape[1])
        if step == 1 {
            body(
                (start + rows.lowerBound) * channels, (residualStart + rows.lowerBound) * channels,
                rows.count * channels)
        } else {
            for row in rows {
                body((start + row) * channels, (residualStart + row * step) * channels, channels)
            }
        }
    }
}
