import Foundation
import Layers
import OperationSupport
import Testing
import Wav2Vec2

/// Recordings at the edge of what there is: their ids are those of a model in double precision, or there are none.
@Suite struct StressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let norm: ExtractorConfiguration.Norm
        let normalizesWaveforms: Bool
        var testDescription: String { "\(norm)\(normalizesWaveforms ? ", normalised" : "")" }

        func model() throws -> Wav2Vec2Model {
            try SmallModel.make {
                ($0.extractor.norm, $0.extractor.bias) = (norm, norm == .layer)
                $0.extractor.normalizesWaveforms = normalizesWaveforms
            }
        }
    }

    static let cases = [
        Case(norm: .group, normalizesWaveforms: false), Case(norm: .group, normalizesWaveforms: true),
        Case(norm: .layer, normalizesWaveforms: false), Case(norm: .layer, normalizesWaveforms: true),
    ]
    static let waveforms = StressWaveform.all(window: 30, hop: 20)

    @Test(arguments: cases, waveforms)
    func idsAreThoseOfDoublePrecision(_ small: Case, _ waveform: StressWaveform) throws {
        let model = try small.model()
        let ids = try Wav2Vec2InferenceModel(model).quantize(waveform.samples).ids
        expectBest(ids, DoubleModel(model).logits(waveform.samples), variables: 20, waveform.name)
    }

    /// Squares that no float holds: nothing is computed with them that could look like an id.
    @Test(arguments: cases, [Float(1e30), 3e38]) func tooLoudIsAnError(_ small: Case, _ level: Float) throws {
        let model = try small.model()
        let waveform = (0..<3000).map { level * Float(sin(0.05 * Double($0))) }
        let result = Result { try Wav2Vec2InferenceModel(model).quantize(waveform).ids }
        switch result {
        case .failure(let error): #expect(error as? ModelError == .notFinite)
        case .success(let ids):
            expectBest(ids, DoubleModel(model).logits(waveform), variables: 20, "\(level)")
        }
    }
}
