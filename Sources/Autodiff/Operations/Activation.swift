import CKernels
import Tensors

/// The nonlinearity of a block.
public enum Activation: String, Codable, Sendable, CaseIterable {
    case relu
    /// x·Φ(x), exact (by erf, not the tanh approximation).
    case gelu

    package var code: Int32 { self == .relu ? Int32(VQ_RELU) : Int32(VQ_GELU) }
}

extension Tape {
    /// y = act(x), any shape.
    public func activate(_ x: Variable, _ activation: Activation) -> Variable {
        let y = elementwise(x.value) { vq_activate($0, $1, $2, activation.code) }
        return record(y, inputs: [x]) { dy in
            [activateGradient(dy, x: x.value, activation)]
        }
    }

    /// y = log(1 + |x|), any shape (fairseq: `log_compression`).
    public func logCompress(_ x: Variable) -> Variable {
        let y = elementwise(x.value) { vq_log_compress($0, $1, $2) }
        return record(y, inputs: [x]) { dy in
            [logCompressGradient(dy, x: x.value)]
        }
    }
}

/// ∂L/∂x = ∂L/∂y · act′(x).
private func activateGradient(_ dy: Tensor, x: Tensor, _ activation: Activation) -> Tensor {
    elementwise(x, dy) { vq_activate_backward($0, $1, $2, $3, activation.code) }
}

/// ∂L/∂x = ∂L/∂y · sign(x) / (1 + |x|).
private func logCompressGradient(_ dy: Tensor, x: Tensor) -> Tensor {
    elementwise(x, dy) { vq_log_compress_backward($0, $1, $2, $3) }
}

private func elementwise(
    _ x: Tensor, _ kernel: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
) -> Tensor {
    let y = Tensor(uninitialized: x.shape)
    Parallel.forEachTile(rows: x.count, target: elementTile) { _, range in
        kernel(x.pointer + range.lowerBound, y.pointer + range.lowerBound, range.count)
    }
    return y
}

private func elementwise(
    _ x: Tensor, _ dy: Tensor,
    _ kernel: @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
) -> Tensor {
    let dx = Tensor(uninitialized: x.shape)
    Parallel.forEachTile(rows: x.count, target: elementTile) { _, range in
        let start = range.lowerBound
        kernel(x.pointer + start, dy.pointer + start, dx.pointer + start, range.count)
    }
    return dx
}
