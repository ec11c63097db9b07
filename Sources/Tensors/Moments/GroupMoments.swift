import CKernels

/// What a group norm knows of a group of channels: the sum of its values and of their squares, over all
/// frames.
///
/// Sums in double precision: over minutes of audio a float32 sum would lose the last digits that ids hang
/// on.
package struct GroupMoments: Sendable {
    package var sum = 0.0
    package var squares = 0.0

    package init() {}

    /// Adds the values of some frames.
    /// - Parameters:
    ///   - x: where the group begins in the first of them.
    ///   - stride: floats from one frame to the next.
    ///   - channels: of the group.
    package mutating func add(_ x: UnsafePointer<Float>, frames: Int, stride: Int, channels: Int) {
        vq_moments(x, frames, stride, channels, &sum, &squares)
    }

    package static func += (total: inout Self, part: Self) {
        total.sum += part.sum
        total.squares += part.squares
    }

    /// Of so many values.
    package func normalization(count: Double) -> Normalization {
        let mean = sum / count
        let difference = squares / count - mean * mean
        let variance = difference < 0 ? 0 : difference
        return Normalization(mean: mean, inverseDeviation: 1 / (variance + 1e-5).squareRoot())
    }
}

/// x̂ = (x − μ) / √(σ² + ε), with the biased variance σ² and ε = 10⁻⁵. NaN stays NaN.
package struct Normalization: Sendable {
    /// μ.
    package let mean: Double
    /// 1/√(σ² + ε).
    package let inverseDeviation: Double

    /// x̂ · gain + bias = x · scale + shift.
    package func coefficients(gain: Double, bias: Double) -> (scale: Float, shift: Float) {
        (
            Float(gain * inverseDeviation),
            Float(bias - mean * inverseDeviation * gain)
        )
    }

    /// With u = x̂ · gain + bias: ∂L/∂x = (gain · du − mean(gain·du) − x̂ · mean(gain·du·x̂)) / √(σ² + ε)
    /// = a · du + b · x + k, a = gain / √(σ² + ε). The means are over all values that share μ and σ.
    package func slopes(meanDu: Double, meanDux: Double) -> (b: Double, k: Double) {
        let inverse = inverseDeviation
        return (-inverse * inverse * meanDux, inverse * (mean * inverse * meanDux - meanDu))
    }
}

extension [GroupMoments] {
    /// Group by group.
    package mutating func add(_ other: [GroupMoments]) {
        for group in indices { self[group] += other[group] }
    }

    /// Of groups of channels that lie side by side, C channels in all.
    /// - Parameter x: [frames, C].
    package mutating func add(_ x: UnsafePointer<Float>, frames: Int, channels: Int) {
        guard !isEmpty else { return }
        let width = channels / count
        for group in indices {
            self[group].add(x + group * width, frames: frames, stride: channels, channels: width)
        }
    }
}
