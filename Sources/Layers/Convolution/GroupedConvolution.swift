import Autodiff
import Tensors

extension Tape {
    /// Convolution of groups of channels over time, as long as its input: with p = ⌊k/2⌋ and zeros beyond the ends,
    ///
    ///     y[b, t, o] = bias[o] + Σ_{j, i} x[b, t + j − p, i] · weight[o's group, j, i, o]
    ///
    /// - Parameters:
    ///   - x: [B, T, Cin].
    ///   - weight: [G, k, Cin / G, Cout / G].
    ///   - bias: [Cout].
    /// - Returns: [B, T, Cout].
    public func groupedConvolution(_ x: Variable, weight: Variable, bias: Variable) -> Variable {
        let convolution = GroupedConvolution(x: x.shape, weight: weight.shape)
        precondition(
            bias.value.count == convolution.outputs * convolution.groups,
            "a bias \(bias.shape) for a weight \(weight.shape)")
        let y = convolution.output(x.value, weight: weight.value, bias: bias.value)
        return record(y, inputs: [x, weight, bias]) { dy in
            [
                x.needsGradient ? convolution.inputGradient(dy, weight: weight.value) : nil,
                convolution.weightGradient(dy, x: x.value), biasGradient(dy, width: bias.value.count),
            ]
        }
    }
}

/// The arithmetic of a grouped convolution in floating-point operations, a multiply-add being two, without its gradients,
/// which take as many each.
public struct GroupedConvolutionCost: Sendable {
    /// Of the algorithm that is chosen.
    public let operations: Double
    /// Of the sum as written.
    public let direct: Double

    /// - Parameters:
    ///   - input: [B, T, Cin].
    ///   - weight: [G, k, Cin / G, Cout / G].
    public init(input: [Int], weight: [Int]) {
        let convolution = GroupedConvolution(x: input, weight: weight)
        direct = 2 * Double(convolution.directCost)
        operations =
            convolution.isPartitioned
            ? 2 * Double(convolution.partitioned.cost(inputs: weight[2], outputs: weight[3])) : direct
    }
}

/// The sizes of a grouped convolution. Each group is matrix products on frames that lie one after the other, where
/// row t of the left matrix is k frames from frame t on: no frame is copied k times. Long kernels take the frequency
/// domain.
private struct GroupedConvolution: Sendable {
    let batch: Int
    let frames: Int
    let groups: Int
    let taps: Int
    /// Channels of a group.
    let inputs: Int
    let outputs: Int

    init(x: [Int], weight: [Int]) {
        precondition(
            x.count == 3 && weight.count == 4 && x[2] == weight[0] * weight[2] && x[1] > 0 && weight[1] > 0,
            "x \(x) does not fit a weight \(weight)")
        (batch, frames) = (x[0], x[1])
        (groups, taps, inputs, outputs) = (weight[0], weight[1], weight[2], weight[3])
    }

    private var tiles: Tiling { Tiling(rows: frames, target: 128) }

    var partitioned: PartitionedConvolution {
        PartitionedConvolution(batch: batch, frames: frames, groups: groups, taps: taps)
    }

    /// Multiply-adds of the sum as written.
    var directCost: Int { batch * frames * groups * taps * inputs * outputs }

    /// Whether tiles in the frequency domain take less than that.
    var isPartitioned: Bool { partitioned.cost(inputs: inputs, outputs: outputs) < directCost }

    /// The frames of each group with zeros at both ends, [B, G, T + k − 1, channels].
    /// - Parameter before: zeros before the first frame.
    private func padded(_ x: Tensor, before: Int) -> Tensor {
        let width = x.shape[2] / groups
        let y = Tensor(uninitialized: [batch, groups, frames + taps - 1, width])
        Parallel.forEach(batch * groups) { index in
            let (item, group) = index.quotientAndRemainder(dividingBy: groups)
            let target = y.pointer + index * y.shape[2] * width
            target.update(repeating: 0, count: before * width)
            for frame in 0..<frames {
                (target + (before + frame) * width).update(
                    from: x.pointer + (item * frames + frame) * x.shape[2] + group * width, count: width)
            }
            (target + (before + frames) * width).update(repeating: 0, count: (taps - 1 - before) * width)
        }
        return y
    }

    /// Of padded frames, [T, k · channels].
    private func windows(_ padded: Tensor, item: Int, group: Int) -> MatrixView {
        let width = padded.shape[3]
        return MatrixView(
            padded.pointer + (item * groups + group) * padded.shape[2] * width, rows: frames,
            columns: taps * width, stride: width)
    }

    /// [T, channels of a group].
    private func channels(_ y: Tensor, item: Int, group: Int) -> MatrixView {
        let width = y.shape[2] / groups
        return MatrixView(
            y.pointer + item * frames * y.shape[2] + group * width, rows: frames, columns: width,
            stride: y.shape[2])
    }

    func output(_ x: Tensor, weight: Tensor, bias: Tensor) -> Tensor {
        product(padded(x, before: taps / 2), weight, bias: bias, width: outputs)
    }

    /// - Parameter weight: [G, k, channels of a row's frames, width].
    private func product(_ padded: Tensor, _ weight: Tensor, bias: Tensor?, width: Int) -> Tensor {
        let y = Tensor(uninitialized: [batch, frames, groups * width])
        if isPartitioned {
            partitioned.setOutput(padded, weight, bias: bias) { channels(y, item: $0, group: $1) }
            return y
        }
        let (tiles, panels) = (tiles, Panels(columns: width))
        Parallel.forEach(batch * groups * tiles.count) { index in
            let (place, tile) = index.quotientAndRemainder(dividingBy: tiles.count)
            let (item, group) = place.quotientAndRemainder(dividingBy: groups)
            let rows = windows(padded, item: item, group: group).rows(tiles[tile])
            let columns = MatrixView(
                weight.pointer + group * rows.columns * width, rows: rows.columns, columns: width)
            for panel in 0..<panels.count {
                let block = channels(y, item: item, group: group).rows(tiles[tile]).columns(panels[panel])
                if let bias { fillRows(block, with: bias, column: group * width + panels[panel].lowerBound) }
                multiplyUnpacked(rows, columns.columns(panels[panel]), into: block, adding: bias != nil)
            }
        }
        return y
    }

    /// ∂L/∂x[b, t, i] = Σ_{j, o} ∂L/∂y[b, t − j + p, o] · weight[·, j, i, o]: the same with taps in reverse.
    func inputGradient(_ dy: Tensor, weight: Tensor) -> Tensor {
        let reversed = Tensor(uninitialized: [groups, taps, outputs, inputs])
        Parallel.forEach(groups * taps) { index in
            let (group, tap) = index.quotientAndRemainder(dividingBy: taps)
            let from = weight.pointer + index * inputs * outputs
            let to = reversed.pointer + (group * taps + taps - 1 - tap) * inputs * outputs
            for output in 0..<outputs {
                for input in 0..<inputs { to[output * inputs + input] = from[input * outputs + output] }
            }
        }
        return product(padded(dy, before: taps - 1 - taps / 2), reversed, bias: nil, width: inputs)
    }

    /// ∂L/∂weight[·, j, i, o] = Σ_{b, t} x[b, t + j − p, i] · ∂L/∂y[b, t, o].
    func weightGradient(_ dy: Tensor, x: Tensor) -> Tensor {
        let shape = [groups, taps, inputs, outputs]
        let padded = padded(x, before: taps / 2)
        if isPartitioned {
            return partitioned.weightGradient(padded, { channels(dy, item: $0, group: $1) }, shape: shape)
        }
        let dw = Tensor(uninitialized: shape)
        let (rows, panels) = (Tiling(rows: taps * inputs, size: 8 * Panels.width), Panels(columns: outputs))
        Parallel.forEach(groups * rows.count) { index in
            let (group, tile) = index.quotientAndRemainder(dividingBy: rows.count)
            let gradient = MatrixView(
                dw.pointer + group * taps * inputs * outputs, rows: taps * inputs, columns: outputs)
            for item in 0..<batch {
                let left = windows(padded, item: item, group: group).columns(rows[tile])
                for panel in 0..<panels.count {
                    multiplyUnpacked(
                        left, channels(dy, item: item, group: group).columns(panels[panel]), transposeA: true,
                        into: gradient.rows(rows[tile]).columns(panels[panel]), adding: item > 0)
                }
            }
        }
        return dw
    }
}
