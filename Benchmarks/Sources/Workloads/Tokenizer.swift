import Checkpoints
import Foundation
import Layers
import Tensors
import Training
import VQWav2Vec

/// The ids of a recording: encoder and quantizer of the paper's model, in inference.
public struct Tokenizer {
    private let model: InferenceModel

    /// Random weights. As where a checkpoint is loaded, the model's other parts take no memory.
    public init(_ kind: PaperModel.Kind = .gumbel) throws {
        let model = try Model(uninitialized: PaperModel.configuration(kind).model)
        for (index, parameter) in InferenceModel.parameters(of: model).enumerated() {
            let value = parameter.variable.value
            // Norms start from ones and zeros.
            guard value.shape.count > 1 else { continue }
            let scale = 1 / Float(value.count / value.shape[0]).squareRoot()
            var stream = RandomStream(seed: 1, purpose: .workload, item: index)
            for place in 0..<value.count { value.pointer[place] = scale * stream.nextNormal() }
        }
        self.model = InferenceModel(model)
    }

    /// - Parameter precision: of the operands of large products.
    public init(checkpoint path: String, precision: Precision = .float32) throws {
        model = try Checkpoint(path: path).inferenceModel(precision: precision)
    }

    public func callAsFunction(_ waveform: [Float]) throws -> TokenSequence { try model.quantize(waveform) }
}
