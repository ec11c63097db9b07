import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing
import VQWav2Vec

/// Recordings at the edge of what there is: their ids are those of a model in double precision, or there are none.
@Suite struct StressTests {
    /// Of a whole model in double precision, from its definition.
    private let reference: DoubleModel
    private let model: Model

    init() throws {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = [.init(12, 10, 5), .init(12, 8, 4), .init(12, 1, 1)]
        configuration.aggregator.layers = [.init(12, 2, 1)]
        configuration.activation = .relu
        (configuration.quantizer.groups, configuration.quantizer.variables) = (2, 8)
        configuration.quantizer.depth = 1
        model = try Model(configuration, seed: 5)
        reference = DoubleModel(model)
    }

    static let waveforms: [(name: String, samples: [Float])] = {
        func make(_ count: Int = 3000, _ sample: (Int) -> Float) -> [Float] { (0..<count).map(sample) }
        func tone(_ index: Int) -> Float {
            0.3 * Float(sin(0.05 * Double(index) + 3 * sin(Double(index) / 300)))
        }
        return [
            ("silence", make { _ in 0 }), ("an offset", make { _ in 0.5 }),
            ("a full-scale offset", make { _ in -1 }),
            ("a square wave", make { $0 / 40 % 2 == 0 ? 1 : -1 }),
            ("the fastest", make { $0 % 2 == 0 ? 1 : -1 }),
            ("one click", make { $0 == 1500 ? 1 : 0 }), ("a tone", make { tone($0) }),
            ("one frame", make(45, tone)), ("one frame and a rest", make(64, tone)),
            ("two frames", make(65, tone)),
            ("hardly anything", make { 1e-30 * tone($0) }), ("nearly nothing", make { 1e-3 * tone($0) }),
            ("the smallest numbers", make { Float.leastNonzeroMagnitude * Float($0 % 3) }),
            ("much too loud", make { 1e9 * tone($0) }),
            ("a tone on an offset", make { 0.9 + 1e-3 * tone($0) }),
            ("silence, then a tone", make { $0 < 1500 ? 0 : tone($0) }),
        ]
    }()

    @Test(arguments: waveforms) func idsAreThoseOfDoublePrecision(_ name: String, _ waveform: [Float]) throws
    {
        let ids = try InferenceModel(model).quantize(waveform).ids
        let logits = reference.logits(waveform.map(Double.init))
        #expect(ids.count == logits.count / 8)
        for (place, id) in ids.enumerated() {
            let row = logits[place * 8..<place * 8 + 8]
            let best = row.max() ?? .nan
            // Two that are equal but for rounding may change places.
            #expect(
                best.isFinite && row[row.startIndex + Int(id)] >= best - 1e-4 * max(1, abs(best)),
                "\(name), frame and group \(place)")
        }
    }

    /// Squares that no float holds: nothing is computed with them that could look like an id.
    @Test(arguments: [Float(1e30), 3e38]) func tooLoudIsAnError(_ level: Float) {
        let waveform = (0..<3000).map { level * Float(sin(0.05 * Double($0))) }
        let result = Result { try InferenceModel(model).quantize(waveform).ids }
        switch result {
        case .failure(let error): #expect(error as? ModelError == .notFinite)
        case .success(let ids):
            let logits = reference.logits(waveform.map(Double.init))
            for (place, id) in ids.enumerated() {
                let row = logits[place * 8..<place * 8 + 8]
                #expect(row[row.startIndex + Int(id)] >= (row.max() ?? .nan) - 1e-3)
            }
        }
    }

    /// How much of the first norm's divisor ε is, as the definition has it.
    @Test(arguments: [Float(1), 0.1, 0.01, 1e-3, 1e-10]) func quietRecordingsAreTold(_ level: Float) throws {
        let waveform = (0..<3000).map { level * 0.3 * Float(sin(0.05 * Double($0))) }
        let variance = reference.firstVariance(waveform.map(Double.init))
        let share = try waveform.withUnsafeBufferPointer {
            try InferenceModel(model).epsilonShare(of: FrameStore(borrowing: $0))
        }
        #expect(abs(share - 1e-5 / (variance + 1e-5)) < 1e-4)
    }

    @Test func tooShortForAFrameHasNoLevel() throws {
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
