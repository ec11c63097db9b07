import Autodiff
import Tensors

/// y = x · weightᵀ + bias, by its parameters.
package struct LinearMap: Sendable {
    package let weight: Parameter
    package let bias: Parameter

    /// How a map begins.
    package enum Start {
        /// PyTorch's default: U(−1/√inputs, 1/√inputs), bias and all.
        case fan
        /// N(0, 0.02²) and no bias, as BERT's.
        case bert
    }

    package init(
        _ name: String, inputs: Int, outputs: Int, start: Start = .fan, initializer: inout Initializer
    ) {
        let isBERT = start == .bert
        weight = Parameter(
            "\(name).weight", shape: [outputs, inputs],
            initialize: isBERT ? initializer.normal(deviation: 0.02) : initializer.fan(inputs))
        bias = Parameter(
            "\(name).bias", shape: [outputs], initialize: isBERT ? zeros : initializer.fan(inputs))
    }

    package var parameters: [Parameter] { [weight, bias] }

    /// - Parameter x: [..., inputs].
    /// - Returns: [..., outputs].
    package func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
        tape.linear(x, weight: weight.variable, bias: bias.variable)
    }
}

/// A layer norm by its parameters.
package struct ChannelNorm: Sendable {
    package let weight: Parameter
    package let bias: Parameter

    package init(_ name: String, channels: Int) {
        weight = Parameter("\(name).weight", shape: [channels], initialize: ones)
        bias = Parameter("\(name).bias", shape: [channels], initialize: zeros)
    }

    package var parameters: [Parameter] { [weight, bias] }

    /// - Parameter x: [B, T, C].
    package func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
        tape.layerNorm(x, weight: weight.variable, bias: bias.variable)
    }
}
