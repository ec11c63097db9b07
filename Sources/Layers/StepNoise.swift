import Autodiff
import Tensors

/// Where the random numbers of one training step come from.
///
/// Every draw is a pure function of (seed, update, utterance, how many draws came before), so a step is
/// repeated exactly by the same values, whatever the batch order and the number of threads. Tests put in
/// stored noise and stored negatives.
public final class StepNoise {
    /// Evaluation draws neither Gumbel noise nor dropout masks.
    public let isTraining: Bool
    private let seed: Int
    private let update: Int
    private let items: [Int]
    private var draws = 0
    /// Used instead of drawing, [B·T, G·V].
    private let storedGumbelNoise: Tensor?
    /// Used instead of drawing: as `Tape.predictionScores` takes them.
    package let storedNegatives: [Int32]?

    /// - Parameters:
    ///   - items: a stable number for each utterance of the batch.
    public init(
        training: Bool, seed: Int = 1, update: Int = 0, items: [Int], gumbelNoise: Tensor? = nil,
        negatives: [Int32]? = nil
    ) {
        isTraining = training
        self.seed = seed
        self.update = update
        self.items = items
        storedGumbelNoise = gumbelNoise
        storedNegatives = negatives
    }

    /// One stream per utterance.
    package func streams(_ purpose: RandomStream.Purpose) -> [RandomStream] {
        defer { draws += 1 }
        return items.map {
            RandomStream(seed: seed, purpose: purpose, update: update, item: $0, draw: draws)
        }
    }

    /// Gumbel noise for logits [B·T, G·V]; nil in evaluation.
    package func gumbelNoise(shape: [Int]) -> Tensor? {
        guard isTraining else { return nil }
        return storedGumbelNoise?.reshaped(shape)
            ?? .gumbelNoise(shape: shape, streams: streams(.gumbelNoise))
    }

    /// Dropout while training, the identity otherwise.
    package func dropout(_ x: Variable, rate: Double, on tape: Tape) -> Variable {
        guard isTraining, rate > 0 else { return x }
        return tape.dropout(x, rate: rate, streams: streams(.dropout))
    }
}

extension RandomStream.Purpose {
    public static let gumbelNoise = RandomStream.Purpose(4)
    public static let dropout = RandomStream.Purpose(6)
}
