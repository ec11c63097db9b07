import Layers
import Tensors
import VQWav2Vec

/// Finds where numbers stopped being numbers.
enum FiniteCheck {
    /// The first tensor, in the order of the computation, with a NaN or an infinity: of the forward pass,
    /// else of the gradients; nil where all are finite.
    static func firstBadTensor(_ output: StepOutput, parameters: [Parameter]) -> String? {
        if let bad = firstBadParameter(parameters) { return "parameter \(bad.name)" }
        var forward: [(String, Tensor)] = [("encoder output z", output.z.value)]
        if let quantization = output.quantization {
            forward.append(("codebook input", quantization.codebookInput.value))
            forward.append(("quantized frames", quantization.quantized.value))
        }
        forward.append(("context c", output.context.value))
        forward.append(("predictions", output.predictions.value))
        forward.append(("prediction scores", output.scores.value))
        forward.append(("loss", output.loss.value))
        if let bad = forward.first(where: { $0.1.firstNonFinite != nil }) { return bad.0 }
        return parameters.first { $0.variable.gradient?.firstNonFinite != nil }.map {
            "gradient of \($0.name)"
        }
    }

    static func firstBadParameter(_ parameters: [Parameter]) -> Parameter? {
        parameters.first { $0.variable.value.firstNonFinite != nil }
    }
}
