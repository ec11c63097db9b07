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
    private var stored: StoredDraws?

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

    /// A step with numbers that were drawn elsewhere.
    package init(training: Bool, items: [Int], stored: StoredDraws) {
        isTraining = training
        (seed, update) = (1, 0)
        self.items = items
        (storedGumbelNoise, storedNegatives) = (nil, nil)
        self.stored = stored
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
        if stored != nil { return stored?.gumbelNoise.popFirst()?.reshaped(shape) }
        return storedGumbelNoise?.reshaped(shape)
            ?? .gumbelNoise(shape: shape, streams: streams(.gumbelNoise))
    }

    /// Dropout while training, the identity otherwise.
    package func dropout(_ x: Variable, rate: Double, on tape: Tape) -> Variable {
        dropout(rate: rate).map { tape.dropout(x, $0) } ?? x
    }

    /// The next dropout of a training step; nil where nothing is dropped.
    package func dropout(rate: Double) -> Dropout? {
        guard isTraining, rate > 0 else { return nil }
        if stored != nil { return stored?.kept.popFirst().map { Dropout(rate: rate, kept: $0) } }
        return Dropout(rate: rate, streams: streams(.dropout))
    }

    /// Whether a layer is skipped, which happens with probability `rate` in training (LayerDrop, Fan et al. 2020). All
    /// utterances of a batch skip the same layers.
    /// - Parameter layer: its number.
    package func skipsLayer(_ layer: Int, rate: Double) -> Bool {
        guard isTraining, rate > 0 else { return false }
        if let stored { return Double(stored.layers[layer]) <= rate }
        var stream = RandomStream(seed: seed, purpose: .layerDrop, update: update, draw: layer)
        return Double(stream.nextUniform()) <= rate
    }
}

/// Random numbers of a step that were drawn elsewhere, each kind in the order of its use.
package struct StoredDraws {
    package var gumbelNoise: ArraySlice<Tensor>
    /// Of dropouts: 1 where a value is kept, else 0.
    package var kept: ArraySlice<Tensor>
    /// Uniform in [0, 1): one for each layer that can be skipped.
    package var layers: [Float]

    package init(gumbelNoise: [Tensor] = [], kept: [Tensor] = [], layers: [Float] = []) {
        (self.gumbelNoise, self.kept, self.layers) = (gumbelNoise[...], kept[...], layers)
    }
}

extension RandomStream.Purpose {
    public static let gumbelNoise = RandomStream.Purpose(4)
    public static let dropout = RandomStream.Purpose(6)
    static let layerDrop = RandomStream.Purpose(10)
}
