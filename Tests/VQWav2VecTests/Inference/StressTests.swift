import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing
import VQWav2Vec

/// Recordings at the edge of what there is: their ids are those of a model in double precision, or there are none.
@Suite struct StressTests {
    private static func model(_ kind: QuantizerConfiguration.Kind) throws -> Model {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = [.init(12, 10, 5), .init(12, 8, 4), .init(12, 1, 1)]
        configuration.aggregator.layers = [.init(12, 2, 1)]
        configuration.activation = .relu
        configuration.quantizer.kind = kind
        (configuration.quantizer.groups, configuration.quantizer.variables) = (2, 8)
        configuration.quantizer.depth = 1
        let model = try Model(configuration, seed: 5)
        // Where frames lie: codewords begin around zero, at a hundredth of that.
        for parameter in model.parameters where parameter.name == "vector_quantizer.embedding" {
            let value = parameter.variable.value
            for index in 0..<value.count { value.pointer[index] *= 100 }
        }
        return model
    }

    static let kinds: [QuantizerConfiguration.Kind] = [.gumbel, .kmeans]
    static let waveforms = StressWaveform.all(window: 45, hop: 20)

    @Test(arguments: kinds, waveforms)
    func idsAreThoseOfDoublePrecision(_ kind: QuantizerConfiguration.Kind, _ waveform: StressWaveform) throws
    {
        let model = try Self.model(kind)
        let ids = try InferenceModel(model).quantize(waveform.samples).ids
        expectBest(ids, DoubleModel(model).scores(waveform.samples), variables: 8, waveform.name)
    }

    /// What clusters are of.
    @Test(arguments: waveforms) func framesAreThoseOfDoublePrecision(_ waveform: StressWaveform) throws {
        let model = try Self.model(.gumbel)
        let z = try InferenceModel(model).encode(waveform.samples)
        let expected = DoubleModel(model).frames(waveform.samples).rows.flatMap { $0 }
        #expect(z.count == expected.count)
        #expect(zip(z.values, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 })
    }

    /// Squares that no float holds: nothing is computed with them that could look like an id.
    @Test(arguments: kinds, [Float(1e30), 3e38])
    func tooLoudIsAnError(_ kind: QuantizerConfiguration.Kind, _ level: Float) throws {
        let model = try Self.model(kind)
        let waveform = (0..<3000).map { level * Float(sin(0.05 * Double($0))) }
        let result = Result { try InferenceModel(model).quantize(waveform).ids }
        switch result {
        case .failure(let error): #expect(error as? ModelError == .notFinite)
        case .success(let ids): expectBest(ids, DoubleModel(model).scores(waveform), variables: 8, "\(level)")
        }
    }

    /// How much of the first norm's divisor ε is, as the definition has it.
    @Test(arguments: [Float(1), 0.1, 0.01, 1e-3, 1e-10]) func quietRecordingsAreTold(_ level: Float) throws {
        let waveform = (0..<3000).map { level * 0.3 * Float(sin(0.05 * Double($0))) }
        let model = try Self.model(.gumbel)
        let variance = DoubleModel(model).firstVariance(waveform)
        let share = try waveform.withUnsafeBufferPointer {
            try InferenceModel(model).epsilonShare(of: FrameStore(borrowing: $0))
        }
        #expect(abs(share - 1e-5 / (variance + 1e-5)) < 1e-4)
    }

    @Test func tooShortForAFrameHasNoLevel() throws {
        let model = try Self.model(.gumbel)
        let share = try [Float](repeating: 0.1, count: 9).withUnsafeBufferPointer {
            try InferenceModel(model).epsilonShare(of: FrameStore(borrowing: $0))
        }
        #expect(share == 0)
    }

    /// Sums over ten minutes with an offset, beside sums that lose nothing.
    @Test func sumsOverLongRecordings() throws {
        let count = 9_600_000
        let x = Tensor(uninitialized: [count, 1])
        for index in 0..<count { x.pointer[index] = 0.7 + 1e-4 * Float(sin(0.37 * Double(index))) }
        var moments = GroupMoments()
        moments.add(x.pointer, frames: count, stride: 1, channels: 1)
        var (sum, squares) = (Exact(), Exact())
        for index in 0..<count {
            let value = Double(x.pointer[index])
            sum.add(value)
            squares.add(value * value)
        }
        #expect(abs(moments.sum - sum.value) <= 1e-11 * sum.value)
        #expect(abs(moments.squares - squares.value) <= 1e-11 * squares.value)
        let (mean, exact) = (sum.value / Double(count), squares.value / Double(count))
        let deviation = 1 / (exact - mean * mean + 1e-5).squareRoot()
        #expect(abs(moments.normalization(count: Double(count)).inverseDeviation / deviation - 1) < 1e-6)
    }
}

/// A sum in two doubles (Neumaier 1974).
private struct Exact {
    private var (high, low) = (0.0, 0.0)

    var value: Double { high + low }

    mutating func add(_ x: Double) {
        let sum = high + x
        low += abs(high) >= abs(x) ? (high - sum) + x : (x - sum) + high
        high = sum
    }
}
