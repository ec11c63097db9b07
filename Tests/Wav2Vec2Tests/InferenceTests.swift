import Foundation
import Layers
import OperationSupport
import Tensors
import Testing
import Wav2Vec2

@Suite struct InferenceTests {
    /// Without a tape, a tile at a time, in memory or not, on any number of threads: the ids of the whole waveform.
    @Test(arguments: GoldenCase.all)
    func equalsTheModel(_ golden: GoldenCase) throws {
        let model = try golden.model()
        let inputs = try GoldenInputs(golden, model.configuration)
        let source = try inputs.tensor("source")
        let samples = Array(source.values[..<golden.info.samples[0]])
        let whole = Tensor(samples, shape: [1, samples.count])
        let expected = try model.encode(whole)
        for memoryLimit in [0, .max] {
            let inference = Wav2Vec2InferenceModel(model, memoryLimit: memoryLimit)
            let z = try inference.encode(samples)
            #expect(z.shape == expected.shape)
            let worst = zip(z.values, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(worst < 1e-4, "\(golden.name): \(worst)")
            guard model.quantizer != nil else {
                #expect(throws: ModelError.noQuantizer) { try inference.quantize(samples) }
                continue
            }
            #expect(try inference.quantize(samples).ids == model.quantize(whole).ids)
        }
    }

    /// Several tiles, each of several pieces of the layers below, in two parts and one: whatever the norm, the frames are
    /// those of the whole, and the same bits on one thread and on two.
    @Test(arguments: [ExtractorConfiguration.Norm.group, .layer])
    func longWaveforms(norm: ExtractorConfiguration.Norm) throws {
        let model = try SmallModel.make {
            $0.extractor.layers = Wav2Vec2Configuration.base.extractor.layers.map {
                ConvolutionLayer(40, $0.kernel, $0.stride)
            }
            ($0.extractor.norm, $0.extractor.bias) = (norm, norm == .layer)
        }
        let samples = Tensor.random([1, 75_000], 3)
        let inference = Wav2Vec2InferenceModel(model)
        let z = try inference.encode(samples.values)
        let expected = try model.encode(samples)
        #expect(z.shape == expected.shape && z.shape[1] == 234)
        expectClose(z, expected.doubles, within: 2e-5)
        let threads = Parallel.threads
        defer { Parallel.threads = threads }
        Parallel.threads = threads == 1 ? 2 : 1
        #expect(try inference.encode(samples.values).values == z.values)
    }

    @Test func refusesWhatIsTooShortOrTooLoud() throws {
        let model = try SmallModel.make()
        let inference = Wav2Vec2InferenceModel(model)
        let needed = model.configuration.receptiveField
        #expect(throws: ModelError.tooShort(samples: needed - 1, needed: needed)) {
            try inference.quantize([Float](repeating: 0, count: needed - 1))
        }
        #expect(try inference.quantize([Float](repeating: 0, count: needed)).ids.count == 2)
        #expect(throws: ModelError.notFinite) {
            try inference.quantize([Float](repeating: .infinity, count: needed))
        }
    }

    /// A model that wants normalised waveforms does not hear how loud they are, but for ε, which tells in quiet ones: that
    /// of fairseq's layer norm, or that of Hugging Face's feature extractor.
    @Test(arguments: [1e-5, 1e-7])
    func waveformsAreNormalised(epsilon: Double) throws {
        func model(_ normalizes: Bool) throws -> Wav2Vec2Model {
            try SmallModel.make {
                ($0.extractor.normalizesWaveforms, $0.extractor.normalizationEpsilon) = (normalizes, epsilon)
            }
        }
        let inference = Wav2Vec2InferenceModel(try model(true))
        let waveform = Tensor.random([1600], 5).values
        let z = try inference.encode(waveform).values
        let louder = try inference.encode(waveform.map { 3 * $0 + 0.5 }).values
        #expect(zip(z, louder).allSatisfy { abs($0 - $1) < 1e-3 })

        let quiet = waveform.map { 0.003 * $0 }
        let mean = quiet.reduce(0.0) { $0 + Double($1) } / Double(quiet.count)
        let variance = quiet.reduce(0.0) { $0 + pow(Double($1) - mean, 2) } / Double(quiet.count)
        #expect(variance < 1e-5)
        let normalised = quiet.map { Float((Double($0) - mean) / (variance + epsilon).squareRoot()) }
        let expected = try Wav2Vec2InferenceModel(try model(false)).encode(normalised).values
        #expect(zip(try inference.encode(quiet).values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }
}
