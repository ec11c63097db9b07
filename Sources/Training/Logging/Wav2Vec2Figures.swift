import Foundation

/// How well a model of wav2vec 2.0 tells masked frames apart, and how much of its codebooks it uses, over some audio.
public struct Wav2Vec2Figures: TrainingFigures, Equatable {
    /// Contrastive loss per masked frame, in bits.
    public var lossBits: Double
    /// log₂ of the number of candidates: the loss where all scores are equal.
    public var chanceBits: Double
    /// Share of masked frames whose own target scores highest.
    public var accuracy: Double
    /// Of all frames.
    public var maskedShare: Double
    /// Share of the negatives that equal their positive.
    public var excludedShare: Double
    /// The diversity loss per masked frame, weighted, in bits.
    public var diversityBits = 0.0
    /// The penalty of large features, likewise.
    public var penaltyBits = 0.0
    /// Of the mean softmax of a batch, which the diversity loss raises, from 1 to V, by group; empty without a quantizer.
    public var softmaxPerplexityPerGroup: [Double] = []
    /// 2 to the entropy of the codewords, without noise, from 1 to V, by group; empty without a quantizer.
    public var perplexityPerGroup: [Double] = []
    /// V; 0 without a quantizer.
    public var codebookSize = 0

    public init(
        lossBits: Double, chanceBits: Double, accuracy: Double, maskedShare: Double, excludedShare: Double
    ) {
        (self.lossBits, self.chanceBits, self.accuracy) = (lossBits, chanceBits, accuracy)
        (self.maskedShare, self.excludedShare) = (maskedShare, excludedShare)
    }

    public var fields: [FigureField] {
        let loss = String(format: "%.2f bits (chance %.2f)", lossBits, chanceBits)
        var fields = [
            FigureField("loss \(loss)", short: loss),
            FigureField(String(format: "acc %.1f %%", 100 * accuracy)),
        ]
        if !perplexityPerGroup.isEmpty {
            let codes = Self.sum(perplexityPerGroup)
            fields.append(
                FigureField(
                    "ppl \(codes)/\(codebookSize), softmax \(Self.sum(softmaxPerplexityPerGroup))",
                    short: "ppl \(codes)"))
        }
        return fields
    }

    public var details: [(label: String, value: String)] {
        [
            ("accuracy, %", String(format: "%.1f", 100 * accuracy)),
            ("equal negatives, %", String(format: "%.1f", 100 * excludedShare)),
        ]
    }

    private static func sum(_ values: [Double]) -> String {
        values.map { String(format: "%.1f", $0) }.joined(separator: "+")
    }

    public var minorFields: [FigureField] {
        [
            FigureField(String(format: "diversity %.3g", diversityBits)),
            FigureField(String(format: "penalty %.3g", penaltyBits)),
            FigureField(
                String(
                    format: "equal negatives %.1f %%, masked %.0f %%", 100 * excludedShare,
                    100 * maskedShare)),
        ]
    }
}
