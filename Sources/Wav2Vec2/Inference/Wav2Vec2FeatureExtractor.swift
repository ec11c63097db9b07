import Autodiff
import Layers
import Tensors

/// A model prepared to compute one of its outputs for any number of recordings.
///
/// It is a snapshot of the weights: after training it is to be made anew.
public struct Wav2Vec2FeatureExtractor: FeatureModel {
    private let model: Wav2Vec2Model
    private let inference: Wav2Vec2InferenceModel
    private let layer: FeatureLayer

    /// - Throws: `ModelError.noLayer` where the model has no such output.
    public init(_ model: Wav2Vec2Model, layer: FeatureLayer) throws {
        try model.configuration.require(layer)
        (self.model, self.layer) = (model, layer)
        inference = Wav2Vec2InferenceModel(model)
    }

    /// The parameters of a model that are needed: a fine-tuned one has no others.
    public static func parameters(of model: Wav2Vec2Model, layer: FeatureLayer) -> [Parameter] {
        let frames = model.extractor.parameters + model.norm.parameters
        switch layer {
        case .z: return frames
        case .logits, .quantized: return frames + (model.quantizer?.parameters ?? [])
        case .c, .layer: return frames + model.contextParameters
        }
    }

    package func epsilonShare(of waveform: FrameStore) throws -> Double {
        try inference.epsilonShare(of: waveform)
    }

    /// Makes sure that there is memory for the output of a recording, which is computed whole.
    /// - Parameters:
    ///   - samples: of the recording.
    ///   - available: bytes.
    /// - Throws: `ModelError.tooLarge`.
    public func require(samples: Int, available: Int) throws {
        let configuration = model.configuration
        let channels = configuration.extractedChannels
        let frames = configuration.frames(samples: samples)
        // Values for each frame: of the output, and of what it is computed from and is there at the same time.
        var (values, others) = (channels, 0)
        switch layer {
        case .z: break
        case .logits:
            values = 2 * channels * max(1, configuration.quantizer.depth) + configuration.codewords
        case .quantized: values = configuration.quantizedChannels
        case .c, .layer:
            // Attention has keys and values twice: as they are, and as products read them.
            values = channels + 9 * configuration.transformer.width
            others =
                2 * min(frames, TransformerLayer.longestTile) * configuration.transformer.innerWidth
        }
        try layer.require(
            bytes: 4 * (Double(frames) * Double(values) + Double(others)), available: available)
    }

    /// The output for one recording, in evaluation: without masks, noise and dropout.
    /// - Parameter waveform: N samples at the rate that the model was trained at.
    /// - Returns: [T, D]: C channels for z, G·V logits, the quantized Q, E for c and the layers of the transformer.
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
            case .logits: try logits(inference.encode(waveform))
            case .quantized: try quantized(waveform)
            case .c: model.context(of: try inference.encode(waveform))
            case .layer(let number):
                model.context(of: try inference.encode(waveform), layers: number)
            }
        return try checked(output)
    }

    private func logits(_ z: Tensor) throws -> Tensor {
        guard let logits = model.quantizer?.logits(z) else { throw ModelError.noQuantizer }
        return logits
    }

    private func quantized(_ waveform: FrameStore) throws -> Tensor {
        guard let quantizer = model.quantizer else { throw ModelError.noQuantizer }
        return quantizer.codewords(try inference.quantize(waveform).ids)
    }
}
