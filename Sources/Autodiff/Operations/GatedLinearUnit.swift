import Foundation
import Tensors

extension Tape {
    /// The gated linear unit (Dauphin et al. 2017): y = a · σ(b), a the first half of a row and b the second.
    ///
    /// - Parameter x: [..., 2C].
    /// - Returns: [..., C].
    public func gatedLinearUnit(_ x: Variable) -> Variable {
        let width = (x.shape.last ?? 0) / 2
        precondition(width > 0 && x.shape.last == 2 * width, "\(x.shape) has no two halves")
        let rows = x.value.count / (2 * width)
        let y = Tensor(uninitialized: x.shape.dropLast() + [width])
        for row in 0..<rows {
            let a = x.value.pointer + row * 2 * width
            for c in 0..<width { y.pointer[row * width + c] = a[c] * sigmoid(a[width + c]) }
        }
        return record(y, inputs: [x]) { [gatedLinearUnitGradient($0, x: x.value, width: width)] }
    }
}

/// ∂L/∂a = ∂L/∂y · σ(b)        ∂L/∂b = ∂L/∂y · a · σ(b) (1 − σ(b))
private func gatedLinearUnitGradient(_ dy: Tensor, x: Tensor, width: Int) -> Tensor {
    let dx = Tensor(uninitialized: x.shape)
    for row in 0..<x.count / (2 * width) {
        let (a, da) = (x.pointer + row * 2 * width, dx.pointer + row * 2 * width)
        for c in 0..<width {
            let (gate, upstream) = (sigmoid(a[width + c]), dy.pointer[row * width + c])
            da[c] = upstream * gate
            da[width + c] = upstream * a[c] * gate * (1 - gate)
        }
    }
    return dx
}

private func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
