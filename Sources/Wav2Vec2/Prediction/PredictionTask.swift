import Layers
import Tensors

/// What one step hides and what it asks for.
public struct PredictionTask: Sendable {
    /// The masked frames of each item in ascending order, M for each.
    public let masked: [[Int]]
    /// Channels of each item that are set to zero; nil for none.
    public let zeroedChannels: [[Int]]?
    /// [B, M, K], rows of the candidates: masked frames, [B·M], or, with negatives from everywhere, all, [B·T].
    public let negatives: [Int32]
    /// [B, M, N, G], the codewords that make up negatives from the codebook.
    public let codebookNegatives: [Int32]

    public init(
        masked: [[Int]], zeroedChannels: [[Int]]? = nil, negatives: [Int32], codebookNegatives: [Int32] = []
    ) {
        precondition(Set(masked.map(\.count)).count <= 1, "items with different numbers of masked frames")
        (self.masked, self.zeroedChannels) = (masked, zeroedChannels)
        (self.negatives, self.codebookNegatives) = (negatives, codebookNegatives)
    }

    /// M.
    public var maskedFrames: Int { masked.first?.count ?? 0 }

    /// B·M.
    public var positives: Int { masked.count * maskedFrames }

    /// Rows of [B·T, ...].
    /// - Parameter frames: T.
    package func maskedRows(frames: Int) -> [Int32] {
        masked.enumerated().flatMap { item, masked in masked.map { Int32(item * frames + $0) } }
    }
}

extension Wav2Vec2Configuration {
    /// Draws the task of a step: a function of the noise's seed, update and utterances.
    /// - Parameters:
    ///   - frames: T.
    ///   - lengths: of each item, frames that are not padding; nil for T.
    /// - Throws: `ModelError` where fewer than two frames of an item would be masked.
    package func drawTask(frames: Int, lengths: [Int]?, items: Int, noise: StepNoise) throws -> PredictionTask
    {
        let lengths = lengths ?? Array(repeating: frames, count: items)
        var draws = noise.streams(.timeMask)
        let masked = SpanMask(mask.time, fewest: 2, unmaskedShare: mask.unmaskedShare)(
            frames: lengths, draws: &draws)
        guard let count = masked.first?.count, count > 1 else {
            throw ModelError.tooFewMasked(frames: lengths.min() ?? 0)
        }
        var zeroed: [[Int]]?
        if mask.channels.probability > 0 {
            var draws = noise.streams(.channelMask)
            zeroed = SpanMask(mask.channels, fewest: 0)(
                frames: Array(repeating: transformer.width, count: items), draws: &draws)
        }
        var streams = noise.streams(.negatives)
        let negatives = NegativeSampler(prediction).rows(masked: masked, frames: frames) { item, bound in
            streams[item].nextInteger(below: bound)
        }
        let codes = masked.indices.flatMap { item in
            (0..<count * prediction.codebookNegatives * quantizer.groups).map { _ in
                Int32(streams[item].nextInteger(below: quantizer.variables))
            }
        }
        return PredictionTask(
            masked: masked, zeroedChannels: zeroed, negatives: negatives, codebookNegatives: codes)
    }
}
