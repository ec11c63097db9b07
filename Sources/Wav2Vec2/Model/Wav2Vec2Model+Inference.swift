import Autodiff
import Layers
import Tensors

extension Wav2Vec2Model {
    /// z of a batch: the extractor's output behind its layer norm.
    ///
    /// - Parameter waveforms: [B, N].
    /// - Returns: [B, T, C].
    /// - Throws: `ModelError` where the waveforms are too short.
    public func encode(_ waveforms: Tensor) throws -> Tensor {
        _ = try frameLengths(waveforms, samples: nil)
        let tape = Tape(recording: false)
        return norm(extractor(waveforms, on: tape), on: tape).value
    }

    /// The ids of all frames, unmasked.
    ///
    /// - Parameter waveforms: [B, N].
    /// - Returns: [B, T, G] in row-major order, and the codewords that they name, [B·T, Q].
    /// - Throws: `ModelError` where the waveforms are too short or too loud, or the model has no quantizer.
    public func quantize(_ waveforms: Tensor) throws -> (ids: [Int32], quantized: Tensor) {
        guard let quantizer else { throw ModelError.noQuantizer }
        let z = try encode(waveforms)
        guard z.firstNonFinite == nil else { throw ModelError.notFinite }
        let ids = quantizer.ids(z)
        return (ids, quantizer.codewords(ids))
    }

    /// The transformer's output without masks, in evaluation.
    ///
    /// - Parameters:
    ///   - waveforms: [B, N], zeros behind the end of each item.
    ///   - samples: of each item, where they differ; nil for N.
    ///   - layers: how many are passed, at least 1, without a norm behind the last; nil for c.
    /// - Returns: [B, T, E].
    /// - Throws: `ModelError` where a waveform is too short, or there are not so many layers.
    public func context(_ waveforms: Tensor, samples: [Int]? = nil, layers: Int? = nil) throws -> Tensor {
        try layers.map { try configuration.require(.layer($0)) }
        let lengths = try frameLengths(waveforms, samples: samples)
        let tape = Tape(recording: false)
        return context(
            of: norm(extractor(waveforms, on: tape), on: tape).value, lengths: lengths, layers: layers)
    }

    /// The same from z, [B, T, C].
    /// - Parameters:
    ///   - lengths: frames of each item that are not padding; nil for all.
    ///   - layers: as above, at most those that there are.
    func context(of z: Tensor, lengths: [Int]? = nil, layers: Int? = nil) -> Tensor {
        let noise = StepNoise(training: false, items: Array(0..<z.shape[0]))
        let tape = Tape(recording: false)
        let features = Variable.constant(z)
        var frames = featureProjection?(features, on: tape) ?? features
        if let inputQuantizer, let inputProjection {
            let quantized = inputQuantizer.quantize(
                frames, temperature: 1, losses: QuantizerLosses(), noise: noise, on: tape)
            frames = inputProjection(quantized.quantized, on: tape)
        }
        return transformer(frames, lengths: lengths, noise: noise, on: tape, last: layers.map { $0 - 1 })
            .value
    }

    /// Of what lies between z and c.
    var contextParameters: [Parameter] {
        (featureProjection?.parameters ?? []) + (inputQuantizer?.parameters ?? [])
            + (inputProjection?.parameters ?? []) + transformer.parameters
    }
}
