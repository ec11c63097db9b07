import Foundation
import VQWav2Vec

/// How well a model predicts, and how much of its codebooks it uses, over some audio.
public struct PredictionFigures: Encodable, Equatable, Sendable {
    /// A loss that is added to the prediction loss: its name, and its value per positive, weighted, in nats.
    public struct ExtraLoss: Encodable, Equatable, Sendable {
        public var name: String
        public var value: Double
        public init(name: String, value: Double) { (self.name, self.value) = (name, value) }
    }

    /// Prediction loss per positive, in bits.
    public var lossBits: Double
    /// The loss of the best model that does not look at its input: `PredictionConfiguration.chanceBits`.
    public var chanceBits: Double
    /// Frames ahead of the first predicted step.
    public var firstStep: Int
    /// Share of the positives that score above all their negatives, from 0 to 1, by step; not a number for a
    /// step that no utterance was long enough for.
    public var accuracyPerStep: [Double]
    /// The loss by step, in bits; nil in training, where it is not counted.
    public var lossBitsPerStep: [Double]?
    /// 2 to the entropy of the codewords, from 1 to V, by group; empty without a quantizer.
    public var perplexityPerGroup: [Double] = []
    /// Codewords chosen at least once, by group; empty without a quantizer.
    public var distinctCodesPerGroup: [Int] = []
    /// V, codewords per group; 0 without a quantizer.
    public var codebookSize = 0
    public var extraLosses: [ExtraLoss] = []

    public init(lossBits: Double, chanceBits: Double, firstStep: Int, accuracyPerStep: [Double]) {
        (self.lossBits, self.chanceBits) = (lossBits, chanceBits)
        (self.firstStep, self.accuracyPerStep) = (firstStep, accuracyPerStep)
    }

    /// The mean over the steps that have positives; not a number without any.
    public var accuracy: Double {
        let known = accuracyPerStep.filter(\.isFinite)
        return known.reduce(0, +) / Double(known.count)
    }
}

extension PredictionConfiguration {
    /// The lowest loss, in bits per positive, that the same answer to every question can have.
    ///
    /// With binary decisions, answer p to one positive of weight 1 and to N negatives of weight w each costs
    /// `−log₂ p − W log₂(1−p)`, W = N·w. The least is at p = 1/(1+W): `(1+W) · H₂(1/(1+W))`, where H₂ is the
    /// entropy of a coin. Ten negatives of weight 1: 4.834 bits. Balanced classes have w = 1/(negatives of the
    /// same utterance), so W = 1 and 2 bits unless there are negatives of other utterances too.
    /// InfoNCE picks one of N+1 candidates: `log₂(N+1)`, ten negatives: 3.46 bits.
    public var chanceBits: Double {
        let candidates = Double(negatives) + Double(crossSampleNegatives)
        guard !infoNCE else { return log2(1 + candidates) }
        let weight = balancedClasses ? candidates / Double(negatives) : candidates
        let answer = 1 / (1 + weight)
        return -log2(answer) - weight * log2(1 - answer)
    }
}
