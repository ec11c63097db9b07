import Tensors
import Testing
import VQWav2Vec

/// A small model and a recording that is several tiles long in most of its layers.
struct InferenceCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let configuration: ModelConfiguration
    let samples: Int

    init(
        _ name: String, _ layers: [[Int]], samples: Int = 20_003,
        _ change: (inout ModelConfiguration) -> Void = { _ in }
    ) {
        testDescription = name
        self.samples = samples
        var configuration = ModelConfiguration()
        configuration.encoder.layers = layers.map { .init($0[0], $0[1], $0[2]) }
        configuration.aggregator.layers = [.init(8, 2, 1)]
        configuration.quantizer.variables = 20
        change(&configuration)
        self.configuration = configuration
    }

    static let all = [
        InferenceCase("gumbel", [[16, 10, 5], [16, 8, 4], [16, 4, 2]]),
        InferenceCase("kmeans", [[16, 10, 5], [18, 8, 4], [20, 1, 1]]) { $0.quantizer.kind = .kmeans },
        InferenceCase("kmeans, other width", [[16, 10, 5], [12, 8, 4]]) {
            $0.quantizer.kind = .kmeans
            $0.quantizer.dimension = 6
            $0.quantizer.groups = 3
            $0.quantizer.combineGroups = false
        },
        InferenceCase(
            "relu, not affine, no compression", [[16, 10, 5], [16, 1, 1], [16, 1, 1], [9, 1, 1]]
        ) {
            $0.activation = .relu
            $0.affineNorm = false
            $0.encoder.logCompression = false
            $0.quantizer.groups = 1
        },
        InferenceCase(
            "skips",
            [[16, 10, 5], [16, 8, 4], [16, 1, 1], [24, 3, 1], [24, 4, 2], [24, 1, 1], [24, 7, 3]]
        ) {
            $0.encoder.skipConnections = true
            $0.residualScale = 0.3
        },
        InferenceCase("skips from the waveform on", [[1, 4, 2], [1, 3, 1], [8, 8, 4]], samples: 5001) {
            $0.encoder.skipConnections = true
        },
        // 4000 → 1000 → 250 and 3999 → 1000 → 500 frames: what is added is taken every 4th, 3rd, 2nd frame.
        InferenceCase("kernels below strides, skips", [[8, 3, 5], [8, 2, 4], [8, 1, 4]], samples: 20_000) {
            $0.encoder.skipConnections = true
            $0.quantizer.kind = .kmeans
        },
        InferenceCase(
            "kernels far below strides, skips", [[8, 3, 5], [8, 1, 4], [8, 1, 2]], samples: 19_993
        ) {
            $0.encoder.skipConnections = true
        },
        // 1000 → 191 frames of stride 1, to which every 5th is added.
        InferenceCase("a kernel almost as long as the recording", [[8, 10, 5], [8, 810, 1]], samples: 5005) {
            $0.encoder.skipConnections = true
        },
        InferenceCase("one layer", [[32, 20, 10]]),
        InferenceCase("a kernel of one sample", [[8, 1, 1], [8, 400, 160]]),
        InferenceCase("a first kernel of a hundred", [[12, 100, 50], [12, 3, 1]]),
        InferenceCase("one frame", [[16, 10, 5], [16, 8, 4], [16, 4, 2]], samples: 105) {
            $0.encoder.skipConnections = true
        },
        InferenceCase("gumbel behind the aggregator", [[16, 10, 5], [16, 8, 4]]) {
            $0.quantizer.position = .aggregator
        },
        InferenceCase("kmeans behind the aggregator", [[16, 10, 5], [12, 8, 4]]) {
            ($0.quantizer.kind, $0.quantizer.position) = (.kmeans, .aggregator)
            $0.quantizer.dimension = 4
        },
        InferenceCase("no quantizer", [[16, 10, 5], [16, 8, 4]]) { $0.quantizer.kind = .none },
    ]

    /// Random weights, those of norms too.
    func model() throws -> Model {
        let model = try Model(configuration, seed: 5)
        for (index, parameter) in model.parameters.enumerated() where parameter.fairseqShape.count == 1 {
            parameter.variable.value.assign(
                Tensor(normal(parameter.count, item: 100 + index), shape: [parameter.count]))
        }
        return model
    }

    var waveform: [Float] { normal(samples, item: 1).map { 0.1 * $0 + 0.02 } }
}
