import Autodiff
import Checkpoints
import Layers
import Tensors
import VQWav2Vec

/// Adam as fairseq computes it (Kingma & Ba 2015; decoupled weight decay, Loshchilov & Hutter 2019): ε is
/// added before the bias correction. Parameters without a gradient are left alone, weight decay included.
public struct Adam {
    private let configuration: OptimizerConfiguration
    /// Updates made so far; the bias correction's t.
    public internal(set) var updates = 0
    /// First and second moments in the order of the parameters, in the parameters' own layout.
    public private(set) var moments: [(first: Tensor, second: Tensor)]

    public init(_ configuration: OptimizerConfiguration, parameters: [Parameter]) {
        self.configuration = configuration
        moments = parameters.map { parameter in
            (Tensor(zeros: parameter.variable.shape), Tensor(zeros: parameter.variable.shape))
        }
    }

    /// One update of all parameters.
    /// - Parameter parameters: those of `init`, in the same order.
    public mutating func update(_ parameters: [Parameter], learningRate: Double) {
        updates += 1
        let correction1 = 1 - power(configuration.beta1, updates)
        let correction2 = 1 - power(configuration.beta2, updates)
        let step = learningRate * correction2.squareRoot() / correction1
        for (parameter, moment) in zip(parameters, moments) {
            guard let gradient = parameter.variable.gradient else { continue }
            adamStep(
                parameter.variable.value, gradient: gradient, firstMoment: moment.first,
                secondMoment: moment.second, beta1: configuration.beta1, beta2: configuration.beta2,
                epsilon: configuration.epsilon, step: step,
                decay: 1 - configuration.weightDecay * learningRate)
        }
    }
}

/// To a whole number, with the same roundings everywhere.
func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
        if rest & 1 == 1 { result *= square }
        square *= square
        rest >>= 1
    }
    return result
}

/// What fairseq does to gradients before the optimizer: divide by the number of positives, then scale down
/// to the largest norm allowed.
/// - Parameter clipNorm: 0 means no limit.
/// - Returns: the norm after the division, before clipping.
public func prepareGradients(_ parameters: [Parameter], positives: Int, clipNorm: Double) -> Double {
    let variables = parameters.map(\.variable)
    let norm = Gradients.scale(variables, by: 1 / Float(max(1, positives)))
    if clipNorm > 0 && norm + 1e-6 > clipNorm {
        Gradients.scale(variables, by: Float(clipNorm / (norm + 1e-6)))
    }
    return norm
}
