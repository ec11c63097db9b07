import Foundation
import Layers

/// Frames of a network in double precision, computed from the definitions: slow and obvious.
package struct DoubleFrames {
    /// By frame, then by channel.
    package let rows: [[Double]]

    package init(_ rows: [[Double]]) { self.rows = rows }

    package init(waveform: [Float]) { rows = waveform.map { [Double($0)] } }

    package func map(_ change: (Double) -> Double) -> DoubleFrames {
        DoubleFrames(rows.map { $0.map(change) })
    }

    /// - Parameter weight: [C', C, k].
    package func convolved(_ weight: DoubleParameter, bias: DoubleParameter? = nil, stride: Int)
        -> DoubleFrames
    {
        let (outputs, inputs, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2])
        let frames = (rows.count - kernel) / stride + 1
        return DoubleFrames(
            (0..<frames).map { frame in
                (0..<outputs).map { out in
                    var sum = bias?.values[out] ?? 0
                    for c in 0..<inputs {
                        for tap in 0..<kernel {
                            sum +=
                                weight.values[(out * inputs + c) * kernel + tap]
                                * rows[frame * stride + tap][c]
                        }
                    }
                    return sum
                }
            })
    }

    /// - Parameter weight: [C', C / groups], each group of outputs by its group of inputs.
    package func linear(_ weight: DoubleParameter, bias: DoubleParameter? = nil, groups: Int = 1)
        -> DoubleFrames
    {
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        return DoubleFrames(
            rows.map { row in
                (0..<outputs).map { out in
                    let first = out / (outputs / groups) * inputs
                    return (0..<inputs).reduce(bias?.values[out] ?? 0) {
                        $0 + row[first + $1] * weight.values[out * inputs + $1]
                    }
                }
            })
    }

    /// The variance of all numbers, and of what lies around their mean.
    package var moments: (mean: Double, variance: Double) { Self.moments(rows.flatMap { $0 }) }

    private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }

    /// Each group of channels by its moments over all frames.
    package func groupNormalized(groups: Int, gain: DoubleParameter, bias: DoubleParameter) -> DoubleFrames {
        let width = gain.values.count / groups
        let moments = (0..<groups).map { group in
            Self.moments(rows.flatMap { $0[group * width..<(group + 1) * width] })
        }
        return DoubleFrames(
            rows.map { row in
                row.enumerated().map { c, value in
                    let (mean, variance) = moments[c / width]
                    return (value - mean) / (variance + 1e-5).squareRoot() * gain.values[c] + bias.values[c]
                }
            })
    }

    /// Each frame by its own moments.
    package func layerNormalized(gain: DoubleParameter, bias: DoubleParameter) -> DoubleFrames {
        DoubleFrames(
            rows.map { row in
                let (mean, variance) = Self.moments(row)
                return row.enumerated().map { c, value in
                    (value - mean) / (variance + 1e-5).squareRoot() * gain.values[c] + bias.values[c]
                }
            })
    }
}

/// ‖x − y‖².
package func squaredDistance(_ x: some Sequence<Double>, _ y: some Sequence<Double>) -> Double {
    zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
}

/// The values of a parameter, in fairseq's order.
package struct DoubleParameter {
    package let shape: [Int]
    package let values: [Double]

    /// Some in a row, as a parameter of one dimension.
    package subscript(_ part: Range<Int>) -> [Double] { Array(values[part]) }
}

extension [Parameter] {
    /// - Precondition: there is one by this name.
    package func doubles(_ name: String) -> DoubleParameter {
        guard let found = first(where: { $0.name == name }) else {
            preconditionFailure("no \(name) among \(map(\.name))")
        }
        return DoubleParameter(
            shape: found.fairseqShape, values: found.toFairseq(found.variable.value).values.map(Double.init))
    }
}
