import Fairseq
import Foundation
import Layers
import TensorFiles
import TestSupport
import Testing
import Wav2Vec2

/// wav2vec 2.0 as fairseq's file: what is written is read, tensor by tensor and field by field.
@Suite struct Wav2Vec2ExportTests {
    /// Hardly a field has its default.
    private static var unusual: Wav2Vec2Configuration {
        var model = Wav2Vec2Configuration()
        model.extractor.layers = [.init(8, 10, 5), .init(8, 3, 2)]
        model.extractor.norm = .layer
        (model.extractor.bias, model.extractor.normalizesWaveforms) = (true, true)
        model.extractor.gradientScale = 0.25
        (model.extractor.dropout, model.extractor.targetDropout) = (0.01, 0.02)
        (model.quantizer.inputs, model.quantizer.isShared) = (true, true)
        (model.quantizer.groups, model.quantizer.variables) = (3, 5)
        (model.quantizer.depth, model.quantizer.widening) = (2, 4)
        (model.quantizer.temperature.start, model.quantizer.temperature.end) = (1.5, 0.75)
        model.quantizer.temperature.decay = 0.9
        (model.transformer.layers, model.transformer.heads) = (1, 2)
        (model.transformer.width, model.transformer.innerWidth) = (12, 10)
        (model.transformer.normFirst, model.transformer.activation) = (true, .relu)
        (model.transformer.positionKernel, model.transformer.positionGroups) = (6, 3)
        (model.transformer.dropout, model.transformer.attentionDropout) = (0.03, 0.04)
        (model.transformer.activationDropout, model.transformer.layerDrop) = (0.05, 0.06)
        model.mask.time = span(0.3, .poisson)
        model.mask.channels = span(0.2, .normal)
        (model.mask.channelsFirst, model.mask.unmaskedShare) = (true, 0.125)
        (model.prediction.width, model.prediction.negatives) = (9, 4)
        (model.prediction.crossSampleNegatives, model.prediction.codebookNegatives) = (2, 3)
        (model.prediction.negativesFromEverywhere, model.prediction.gatesTargets) = (true, true)
        model.prediction.temperature = 0.2
        model.loss = Wav2Vec2Losses(diversityWeight: 0.3, penaltyWeight: 7)
        return model
    }

    private static func span(_ probability: Double, _ lengths: SpanConfiguration.Lengths) -> SpanConfiguration
    {
        var span = SpanConfiguration(probability: probability)
        (span.length, span.lengths, span.other) = (3, lengths, 1)
        (span.overlap, span.minimumSpace) = (false, 2)
        return span
    }

    private func written(
        _ model: Wav2Vec2Configuration, _ style: FairseqExport.Style, in folder: TemporaryFolder
    ) throws -> FairseqCheckpoint {
        var export = FairseqExport(
            .wav2vec2, model: FairseqConfiguration.fields(model), sampleRate: 8000, maxSampleSize: nil,
            updates: 3, tensors: try Wav2Vec2Model(model).fairseqTensors, provenance: [:])
        export.normalizesWaveforms = model.extractor.normalizesWaveforms
        export.criterion.lossWeights = FairseqConfiguration.lossWeights(model)
        try export.write(folder.file("m.pt"), style: style)
        return try FairseqCheckpoint(path: folder.file("m.pt"))
    }

    @Test(arguments: FairseqExport.Style.allCases)
    func everyFieldComesBack(_ style: FairseqExport.Style) throws {
        let folder = try TemporaryFolder()
        var plain = Wav2Vec2Configuration()
        plain.extractor.layers = [.init(8, 10, 5)]
        (plain.transformer.layers, plain.transformer.innerWidth) = (1, 8)
        (plain.transformer.width, plain.transformer.positionKernel) = (48, 4)
        for model in [Self.unusual, plain] {
            let file = try written(model, style, in: folder)
            #expect(file.wav2vec2 == model)
            #expect(file.sampleRate == 8000 && file.updates == 3 && file.saysLosses)
        }
    }

    /// A quantizer that serves inputs and targets stands there twice.
    @Test func everyTensorComesBack() throws {
        let folder = try TemporaryFolder()
        let model = try Wav2Vec2Model(Self.unusual)
        let file = try written(Self.unusual, .cfg, in: folder)
        #expect(model.aliases.count == 5)
        #expect(Set(file.names) == Set(model.parameters.map(\.name) + model.aliases.map(\.alias)))
        for parameter in model.parameters {
            let names = [parameter.name] + model.aliases.filter { $0.name == parameter.name }.map(\.alias)
            let expected = parameter.toFairseq(parameter.variable.value)
            for name in names {
                var values = [Float](repeating: 0, count: expected.count)
                try values.withUnsafeMutableBufferPointer { try file.read(name, into: $0) }
                #expect(try file.shape(of: name) == parameter.fairseqShape)
                #expect(values == expected.values, "\(name)")
            }
        }
    }

    @Test func whatFairseqHasNot() {
        var model = Self.unusual
        model.quantizer.temperature.schedule = .linear
        let (closest, notes) = FairseqConfiguration.closest(to: model)
        #expect(notes.count == 1 && notes[0].contains("no linear temperature"))
        #expect(closest.quantizer.temperature.schedule == .exponential)
        #expect(FairseqConfiguration.closest(to: Self.unusual).model == Self.unusual)
        #expect(FairseqConfiguration.closest(to: Self.unusual).notes.isEmpty)
    }
}
