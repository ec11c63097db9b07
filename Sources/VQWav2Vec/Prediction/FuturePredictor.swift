import Autodiff
import Layers
import Tensors

/// h_i(c) = W_i c + b: one linear map for each step ahead, with one bias for all (fairseq's
/// `project_to_steps`, a transposed convolution; the paper has a bias for each).
package struct FuturePredictor {
    package let weight: Parameter
    package let bias: Parameter
    private let steps: Int
    private let dropout: Double

    init(_ configuration: ModelConfiguration, initializer: inout Initializer) {
        steps = configuration.prediction.steps
        dropout = configuration.prediction.dropout
        let inputs =
            configuration.quantizesContext ? configuration.quantizedChannels : configuration.contextChannels
        let outputs = configuration.targetChannels
        // PyTorch takes the second axis of a transposed convolution for its inputs.
        let fanIn = outputs * steps
        // fairseq: [C', C, 1, S]; ours: [S, C, 1, C'].
        weight = Parameter(
            "wav2vec_predictions.project_to_steps.weight", shape: [inputs, outputs, 1, steps],
            order: [3, 1, 2, 0], initialize: initializer.fan(fanIn))
        bias = Parameter(
            "wav2vec_predictions.project_to_steps.bias", shape: [outputs],
            initialize: initializer.fan(fanIn))
    }

    package var parameters: [Parameter] { [weight, bias] }

    /// - Parameter context: c [B, T, C'].
    /// - Returns: [B·T, S, C].
    package func callAsFunction(_ context: Variable, noise: StepNoise, on tape: Tape) -> Variable {
        let rows = context.shape[0] * context.shape[1]
        let outputs = bias.count
        let matrix = tape.reshape(weight.variable, [steps * outputs, context.shape[2]])
        let predictions = tape.linear(context, weight: matrix, bias: bias.variable)
        let dropped = noise.dropout(predictions, rate: dropout, on: tape)
        return tape.reshape(dropped, [rows, steps, outputs])
    }
}
