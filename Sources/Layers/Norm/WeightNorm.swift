import Autodiff
import CKernels
import Tensors

extension Tape {
    /// The weight of a grouped convolution from its direction and a length for each tap (weight norm, Salimans and
    /// Kingma 2016, over all channels of a tap as wav2vec 2.0 has it):
    ///
    ///     w[j] = g[j] · v[j] / |v[j]|
    ///
    /// - Parameters:
    ///   - v: [k, Cin / G, Cout].
    ///   - g: k values.
    ///   - groups: G, a divisor of Cout.
    /// - Returns: [G, k, Cin / G, Cout / G].
    public func weightNorm(_ v: Variable, length g: Variable, groups: Int) -> Variable {
        precondition(
            v.shape.count == 3 && groups > 0 && v.shape[2] % groups == 0 && g.value.count == v.shape[0],
            "a direction \(v.shape) and lengths \(g.shape) do not fit \(groups) groups")
        let norm = WeightNorm(v: v.value, g: g.value, groups: groups)
        return record(norm.weight(), inputs: [v, g]) { norm.gradients($0) }
    }
}

private struct WeightNorm: Sendable {
    let v: Tensor
    let g: Tensor
    let groups: Int

    private var taps: Int { v.shape[0] }
    private var inputs: Int { v.shape[1] }
    private var outputs: Int { v.shape[2] / groups }

    /// |v[j]|, by which nothing that is zero is divided.
    private func norm(_ tap: Int) -> Double {
        let norm = vq_sum_of_squares(v.pointer + tap * inputs * v.shape[2], inputs * v.shape[2]).squareRoot()
        return norm == 0 ? 1 : norm
    }

    /// Calls `body` with the places of the outputs of a group and an input: in v and in w.
    private func forEachRow(_ tap: Int, _ body: (_ v: Int, _ w: Int) -> Void) {
        for input in 0..<inputs {
            for group in 0..<groups {
                body(
                    (tap * inputs + input) * v.shape[2] + group * outputs,
                    ((group * taps + tap) * inputs + input) * outputs)
            }
        }
    }

    func weight() -> Tensor {
        let w = Tensor(uninitialized: [groups, taps, inputs, outputs])
        Parallel.forEach(taps) { tap in
            let scale = Float(Double(g.pointer[tap]) / norm(tap))
            forEachRow(tap) { from, to in
                for output in 0..<outputs { w.pointer[to + output] = v.pointer[from + output] * scale }
            }
        }
        return w
    }

    /// With u = ⟨∂L/∂w[j], v[j]⟩ / |v[j]|:
    ///
    ///     ∂L/∂g[j] = u        ∂L/∂v[j] = g[j] / |v[j]| · (∂L/∂w[j] − u · v[j] / |v[j]|)
    func gradients(_ dw: Tensor) -> [Tensor?] {
        let (dv, dg) = (Tensor(uninitialized: v.shape), Tensor(uninitialized: g.shape))
        Parallel.forEach(taps) { tap in
            let norm = norm(tap)
            var along = 0.0
            forEachRow(tap) { place, upstream in
                for output in 0..<outputs {
                    along += Double(dw.pointer[upstream + output]) * Double(v.pointer[place + output])
                }
            }
            let scale = Float(Double(g.pointer[tap]) / norm)
            let share = Float(along / (norm * norm))
            dg.pointer[tap] = Float(along / norm)
            forEachRow(tap) { place, upstream in
                for output in 0..<outputs {
                    dv.pointer[place + output] =
                        scale * (dw.pointer[upstream + output] - share * v.pointer[place + output])
                }
            }
        }
        return [dv, dg]
    }
}
