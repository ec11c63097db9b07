/// x ↦ (x − mean) / √(variance + ε): a waveform with mean 0 and variance 1 (fairseq: the `normalize` of a task, a layer
/// norm over all samples of a recording; Hugging Face: `do_normalize`).
package struct WaveformNormalization: Sendable {
    private let mean: Double
    private let scale: Double
    /// ε / (variance + ε).
    package let epsilonShare: Double

    /// - Parameters:
    ///   - mean: of the whole recording.
    ///   - variance: likewise.
    ///   - epsilon: ε, by which fairseq and Hugging Face differ.
    package init(mean: Double, variance: Double, epsilon: Double) {
        self.mean = mean
        scale = 1 / (max(0, variance) + epsilon).squareRoot()
        epsilonShare = epsilon * scale * scale
    }

    package func callAsFunction(_ sample: Float) -> Float { Float((Double(sample) - mean) * scale) }
}
