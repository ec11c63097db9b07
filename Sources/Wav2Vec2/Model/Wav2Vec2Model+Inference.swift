import Autodiff
import Layers
import Tensors

extension Wav2Vec2Model {
    /// z of a batch: the extractor's output behind its layer norm.
    ///
    /// - Parameter waveforms: [B, N].
    /// - Returns: [B, T, C].
    /// - Throws: `Wav2Vec2Error` where the waveforms are too short.
    public func encode(_ waveforms: Tensor) throws -> Tensor {
        _ = try frameLengths(waveforms, samples: nil)
        let tape = Tape(recording: false)
        return norm(extractor(waveforms, on: tape), on: tape).value
    }

    /// The ids of all frames, unmasked.
    ///
    /// - Parameter waveforms: [B, N].
    /// - Returns: [B, T, G] in row-major order, and the codewords that they name, [B·T, Q].
    /// - Throws: `Wav2Vec2Error` where the waveforms are too short or too loud, or the model has no quantizer.
    public func quantize(_ waveforms: Tensor) throws -> (ids: [Int32], quantized: Tensor) {
        guard let quantizer else { throw Wav2Vec2Error.noQuantizer }
        let z = try encode(waveforms)
        guard z.firstNonFinite == nil else { throw Wav2Vec2Error.notFinite }
        let ids = quantizer.ids(z)
        return (ids, quantizer.codewords(ids))
    }

    /// The transformer's output without masks, in evaluation.
    ///
    /// - Parameters:
    ///   - waveforms: [B, N], zeros behind the end of each item.
    ///   - samples: of each item, where they differ; nil for N.
    ///   - layer: whose output is wanted; nil for that of the model, c.
    /// - Returns: [B, T, E].
    /// - Throws: `Wav2Vec2Error` where a waveform is too short, or there is no such layer.
    public func context(_ waveforms: Tensor, samples: [Int]? = nil, layer: Int? = nil) throws -> Tensor {
        let count = transformer.layers.count
        if let layer, !(0..<count).contains(layer) { throw Wav2Vec2Error.noLayer(layer, layers: count) }
        let lengths = try frameLengths(waveforms, samples: samples)
        let noise = StepNoise(training: false, items: Array(0..<waveforms.shape[0]))
        let tape = Tape(recording: false)
        let features = norm(extractor(waveforms, on: tape), on: tape)
        var frames = featureProjection?(features, on: tape) ?? features
        if let inputQuantizer, let inputProjection {
            let quantized = inputQuantizer.quantize(
                frames, temperature: 1, losses: QuantizerLosses(), noise: noise, on: tape)
            frames = inputProjection(quantized.quantized, on: tape)
        }
        return transformer(frames, lengths: lengths, noise: noise, on: tape, last: layer).value
    }
}
