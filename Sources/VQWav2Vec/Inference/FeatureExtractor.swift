import Autodiff
import Layers
import Tensors

/// A model prepared to compute one of its outputs for any number of recordings.
///
/// It is a snapshot of the weights: after training it is to be made anew.
public struct FeatureExtractor: FeatureModel {
    private let model: Model
    private let inference: InferenceModel
    private let layer: FeatureLayer

    /// - Throws: `ModelError.noLayer` where the model has no such output.
    public init(_ model: Model, layer: FeatureLayer) throws {
        try model.configuration.require(layer)
        (self.model, self.layer) = (model, layer)
        inference = InferenceModel(model)
    }

    package func epsilonShare(of waveform: FrameStore) throws -> Double {
        try inference.epsilonShare(of: waveform)
    }

    /// Makes sure that there is memory for the output of a recording, which is computed whole, beside what
    /// `InferenceModel` takes.
    /// - Parameters:
    ///   - samples: of the recording.
    ///   - available: bytes.
    /// - Throws: `ModelError.tooLarge`.
    public func require(samples: Int, available: Int) throws {
        try model.configuration.require(layer, samples: samples, available: available)
    }

    /// The output for one recording, in evaluation: without noise and dropout.
    /// - Parameter waveform: N samples in [−1, 1] at the rate that the model was trained at.
    /// - Returns: [T, D]: C channels for z, G·V logits, the quantized C, or those of c or of a layer of the aggregator, which
    ///   have fewer frames where there are strides before them.
    /// - Throws: `ModelError` where the waveform is too short or too loud to compute with, `SpillError` where
    ///   there is no room for temporary files.
    public func callAsFunction(_ waveform: [Float]) throws -> Tensor {
        try model.configuration.withFrames(of: waveform, memoryLimit: 0) { frames, _ in try self(frames) }
    }

    /// The same of a waveform [N, 1] that may itself be in a temporary file.
    package func callAsFunction(_ waveform: FrameStore) throws -> Tensor {
        let output =
            switch layer {
            case .z: try inference.encode(waveform)
            case .logits: try logits(inference.quantizerInput(waveform))
            case .quantized: try quantized(waveform)
            case .c: try context(waveform)
            case .layer(let number): model.aggregator.contexts(of: try aggregated(waveform), layers: number)
            }
        return try checked(output)
    }

    /// [1, T, C] to [T, G·V].
    private func logits(_ z: Tensor) -> Tensor { model.quantizer?.logits(z) ?? z }

    /// ẑ [1, T, C]; z where there is no quantizer.
    private func quantized(_ waveform: FrameStore) throws -> Tensor {
        guard let quantizer = model.quantizer else { return try inference.encode(waveform) }
        let codewords = quantizer.codewords(try inference.quantize(waveform).ids)
        return codewords.reshaped([1] + codewords.shape)
    }

    /// What enters the aggregator, [1, T, C].
    private func aggregated(_ waveform: FrameStore) throws -> Tensor {
        model.configuration.quantizesContext ? try inference.encode(waveform) : try quantized(waveform)
    }

    /// c [1, T, C'].
    private func context(_ waveform: FrameStore) throws -> Tensor {
        model.aggregator.contexts(of: try aggregated(waveform))
    }
}
