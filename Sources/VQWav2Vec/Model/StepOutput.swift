import Autodiff
import Layers

/// Everything between a batch of waveforms and its loss. Variables keep their values, and, on a tape that
/// keeps gradients, what the backward pass sent to them.
public struct StepOutput {
    /// z [B, T, C].
    public let z: Variable
    public let quantization: Quantization?
    /// c [B, T, C'].
    public let context: Variable
    /// h_i(c_t) [B·T, S, C].
    public let predictions: Variable
    /// [rows, 1 + N]: see `Tape.predictionScores`.
    public let scores: Variable
    public let geometry: PredictionGeometry
    /// Σ of the contrastive loss over all predictions, in nats.
    public let predictionLoss: Variable
    /// The quantizer's loss, times its weight and the number of positives.
    public let extraLoss: Double
    /// What the backward pass starts from: the sum of both.
    public let loss: Variable

    /// What was quantized: z or c.
    public let quantizerInput: Variable

    /// Number of positives: what fairseq divides gradients by.
    public var positives: Int { geometry.rows }
}

/// Sees the outputs of the convolution blocks by fairseq's place: ("enc", 0), ("agg", 3).
public typealias BlockProbe = (_ stack: String, _ index: Int, _ output: Variable) -> Void

/// The parts of a forward pass, in their order.
public enum StepStage: String, CaseIterable, Sendable {
    case encoder, quantizer, aggregator
    /// Predictions, scores and losses.
    case prediction
}
