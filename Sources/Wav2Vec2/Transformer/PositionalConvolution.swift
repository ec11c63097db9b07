import Autodiff
import Layers
import Tensors

/// A convolution over time whose output is added to the frames: what the transformer knows of positions (wav2vec 2.0
/// §2). Frame t sees ⌊k/2⌋ frames before it and ⌈k/2⌉ − 1 behind it.
struct PositionalConvolution: Sendable {
    /// The direction of the weight, E/G inputs for each output and tap.
    private let direction: Parameter
    /// The length of the weight of each tap.
    private let length: Parameter
    private let bias: Parameter
    private let groups: Int
    private let activation: Activation

    init(_ configuration: TransformerConfiguration, initializer: inout Initializer) {
        let (width, kernel) = (configuration.width, configuration.positionKernel)
        groups = configuration.positionGroups
        // fairseq has GELU here, whatever the layers have.
        activation = .gelu
        // fairseq: [E, E/G, k]; ours: [k, E/G, E].
        let direction = Parameter(
            "encoder.pos_conv.0.weight_v", shape: [width, width / groups, kernel], order: [2, 1, 0],
            initialize: initializer.normal(deviation: (4 / (Float(kernel) * Float(width))).squareRoot()))
        self.direction = direction
        length = Parameter("encoder.pos_conv.0.weight_g", shape: [1, 1, kernel]) { length in
            let size = direction.count / kernel
            for tap in 0..<kernel {
                let values = UnsafeBufferPointer(
                    start: direction.variable.value.pointer + tap * size, count: size)
                length.pointer[tap] = Float(
                    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
            }
        }
        bias = Parameter("encoder.pos_conv.0.bias", shape: [width], initialize: zeros)
    }

    var parameters: [Parameter] { [bias, length, direction] }

    /// - Parameter x: [B, T, E].
    func callAsFunction(_ x: Variable, on tape: Tape) -> Variable {
        let weight = tape.weightNorm(direction.variable, length: length.variable, groups: groups)
        return tape.activate(
            tape.groupedConvolution(x, weight: weight, bias: bias.variable), activation)
    }
}
