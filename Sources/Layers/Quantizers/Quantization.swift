import Autodiff

/// What a quantizer makes of a batch.
public struct Quantization {
    /// G.
    public let groups: Int
    /// V.
    public let variables: Int
    /// ẑ [B, T, C].
    public let quantized: Variable
    /// The codewords that ẑ holds, [B·T·G]: in training chosen with noise.
    public let ids: [Int32]
    /// The codewords without noise.
    public let noiseFreeIDs: [Int32]
    /// What the codebook saw: logits [B·T, G·V], or projected and normalised frames [B·T, G·d].
    public let codebookInput: Variable
    /// The extra loss, a scalar, and its weight (before the factor of the number of positives).
    public let loss: (value: Variable, weight: Double)?
    /// Gumbel: the perplexity of the batch-averaged, noise-free softmax, by group.
    public let softmaxPerplexityPerGroup: [Double]?

    /// Their sum.
    public var softmaxPerplexity: Double? { softmaxPerplexityPerGroup?.reduce(0, +) }
}

/// Weights of what a quantizer adds to the loss.
public struct QuantizerLosses: Sendable {
    public var kmeansWeight: Double
    public var diversityWeight: Double

    public init(kmeansWeight: Double = 0, diversityWeight: Double = 0) {
        self.kmeansWeight = kmeansWeight
        self.diversityWeight = diversityWeight
    }
}
