import Tensors
import VQWav2Vec

/// Finds where numbers stopped being numbers.
enum FiniteCheck {
    /// The first tensor, in the order of the computation, with a NaN or an infinity: of the forward pass,
    /// else of the gradients; nil where all are finite.
    static func firstBadTensor(_ step: TrainingStep, parameters: [Parameter]) -> String? {
        if let bad = firstBadParameter(parameters) { return "parameter \(bad.name)" }
        if let bad = step.tensors.first(where: { $0.tensor.firstNonFinite != nil }) { return bad.name }
        return parameters.first { $0.variable.gradient?.firstNonFinite != nil }.map {
            "gradient of \($0.name)"
        }
    }

    static func firstBadParameter(_ parameters: [Parameter]) -> Parameter? {
        parameters.first { $0.variable.value.firstNonFinite != nil }
    }
}
