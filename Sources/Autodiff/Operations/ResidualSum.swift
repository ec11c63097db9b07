import CKernels
import Tensors

extension Tape {
    /// y[b, t] = (x[b, t] + residual[b, t · step]) · scale, step = ⌊Tr / T⌋. `groupNorm` does that itself, where
    /// nobody wants to see its output alone.
    ///
    /// - Parameters:
    ///   - x: [B, T, C].
    ///   - residual: [B, Tr, C], Tr ≥ T.
    /// - Returns: [B, T, C].
    public func residualSum(_ x: Variable, _ residual: Variable, scale: Float) -> Variable {
        let added = ResidualFrames(Residual(residual, scale: scale), of: x.shape)
        let y = Tensor(uninitialized: x.shape)
        added.forEachFrame { offset, frame, channels in
            vq_sum_scale(x.value.pointer + offset, frame, y.pointer + offset, channels, scale)
        }
        return record(y, inputs: [x, residual]) { dy in residualSumGradient(dy, added) }
    }
}

/// ∂L/∂x = scale · ∂L/∂y; ∂L/∂residual the same at the frames that were used, zero elsewhere.
private func residualSumGradient(_ dy: Tensor, _ added: ResidualFrames) -> [Tensor?] {
    let dx = dy.copy()
    let gradient = added.gradient()
    gradient.forEachFrame { offset, frame, channels in
        vq_scale(dx.pointer + offset, channels, added.scale)
        frame.update(from: dx.pointer + offset, count: channels)
    }
    return [dx, gradient.values]
}
