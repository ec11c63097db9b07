import Autodiff

/// x̂ = (x − μ) / √(σ² + ε), with the biased variance σ² and ε = 10⁻⁵. NaN stays NaN.
package struct Normalization: Sendable {
    /// μ.
    package let mean: Double
    /// 1/√(σ² + ε).
    package let inverseDeviation: Double

    /// ε / (σ² + ε): how far from 1 the variance of x̂ is.
    package var epsilonShare: Double { 1e-5 * inverseDeviation * inverseDeviation }

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

extension GroupMoments {
    /// Of so many values.
    package func normalization(count: Double) -> Normalization {
        let mean = sum / count
        let difference = squares / count - mean * mean
        let variance = difference < 0 ? 0 : difference
        return Normalization(mean: mean, inverseDeviation: 1 / (variance + 1e-5).squareRoot())
    }
}
