import Autodiff
import Checkpoints
import Layers
import Tensors

/// The mean of the weights after each update of a run so far, in which later ones count more (Kingma & Ba 2015, section 7.2):
///
///     w̄ₜ = (1 − d) Σᵢ dᵗ⁻ⁱ wᵢ / (1 − dᵗ)
public final class WeightAverage {
    /// d.
    private let decay: Double
    /// In the order of the parameters and in their layout; while the parameters have the averages, their weights.
    public let tensors: [Tensor]
    private var isInModel = false

    /// Before the first update it is the weights as they are.
    /// - Returns: nil where the configuration asks for none.
    public init?(_ configuration: OptimizerConfiguration, parameters: [Parameter]) {
        guard configuration.averageDecay > 0 else { return nil }
        decay = configuration.averageDecay
        tensors = parameters.map { $0.variable.value.copy() }
    }

    /// Adds the weights after an update.
    /// - Parameters:
    ///   - parameters: those of `init`, in the same order.
    ///   - updates: of the run, this one included.
    public func add(_ parameters: [Parameter], updates: Int) {
        let share = (1 - decay) / (1 - power(decay, updates))
        for (mean, parameter) in zip(tensors, parameters) {
            averageStep(mean, adding: parameter.variable.value, share: share)
        }
    }

    /// Does something with the averages in the place of the weights.
    /// - Parameter parameters: those of `init`, in the same order.
    public func inModel<Result>(_ parameters: [Parameter], _ body: () throws -> Result) rethrows -> Result {
        guard !isInModel else { return try body() }
        isInModel = true
        exchange(with: parameters)
        defer {
            exchange(with: parameters)
            isInModel = false
        }
        return try body()
    }

    /// The parameters take the averages, and this keeps their weights; or the other way round.
    func exchange(with parameters: [Parameter]) {
        for (mean, parameter) in zip(tensors, parameters) { mean.exchange(with: parameter.variable.value) }
    }
}
