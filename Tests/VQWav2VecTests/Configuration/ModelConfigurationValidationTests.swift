import Layers
import Tensors
import Testing
import VQWav2Vec

/// What is refused, and the words for it: the key, the value and the remedy.
@Suite struct ModelConfigurationValidationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// The message.
        let testDescription: String
        let change: @Sendable (inout ModelConfiguration) -> Void

        init(_ message: String, _ change: @escaping @Sendable (inout ModelConfiguration) -> Void) {
            (testDescription, self.change) = (message, change)
        }
    }

    static let refused: [Case] = [
        Case("encoder.layers needs at least one [channels, kernel, stride]") { $0.encoder.layers = [] },
        Case("aggregator.layers needs at least one [channels, kernel, stride]") { $0.aggregator.layers = [] },
        Case("encoder.layers: [8, 0, 1] must hold positive numbers") { $0.encoder.layers = [.init(8, 0, 1)] },
        Case("aggregator.layers: [-1, 2, 1] must hold positive numbers") {
            $0.aggregator.layers = [.init(-1, 2, 1)]
        },
        Case("encoder.layers: [8, 9223372036854775807, 5] must hold numbers up to 1048576") {
            $0.encoder.layers = [.init(8, .max, 5)]
        },
        Case("encoder.layers: the strides must multiply to at most 1048576") {
            $0.encoder.layers = Array(repeating: .init(8, 10, 1 << 20), count: 7)
        },
        Case("residual_scale must be positive, not 0.0") { $0.residualScale = 0 },
        Case("aggregator.dropout must be at least 0 and below 1, not 1.0") { $0.aggregator.dropout = 1 },
        Case("prediction.dropout must be at least 0 and below 1, not -0.1") { $0.prediction.dropout = -0.1 },
        Case("prediction.dropout_features must be at least 0 and below 1, not nan") {
            $0.prediction.dropoutFeatures = .nan
        },
        Case("prediction.dropout_context must be at least 0 and below 1, not inf") {
            $0.prediction.dropoutContext = .infinity
        },
        Case("quantizer.groups must be positive, not 0") { $0.quantizer.groups = 0 },
        Case("quantizer.variables must be at least 2, not 1") { $0.quantizer.variables = 1 },
        Case("quantizer.dimension must not be negative (0: encoder's width)") { $0.quantizer.dimension = -1 },
        Case("quantizer.groups = 3 must divide the quantized width 512") { $0.quantizer.groups = 3 },
        Case("quantizer.groups = 3 must divide the width of what is quantized, 512") {
            $0.quantizer.kind = .kmeans
            $0.quantizer.groups = 3
            $0.quantizer.dimension = 513
        },
        Case("quantizer.gamma must be 0 or lie between 1e-30 and 1e30, not -1.0") {
            $0.quantizer.kind = .kmeans
            $0.quantizer.gamma = -1
        },
        Case("quantizer.depth must be at least 1, not 0") { $0.quantizer.depth = 0 },
        Case("quantizer.temperature.start and .end must be positive") { $0.quantizer.temperature.end = 0 },
        Case("quantizer.temperature.decay must be above 0 and at most 1, not 1.5") {
            $0.quantizer.temperature.decay = 1.5
        },
        Case("quantizer.temperature.linear_fraction must be above 0 and at most 1") {
            $0.quantizer.temperature.linearFraction = 0
        },
        Case("prediction.steps must be at least 1, not 0") { $0.prediction.steps = 0 },
        Case("prediction.offset must not be negative (0: automatic)") { $0.prediction.offset = -1 },
        Case("prediction.negatives and prediction.cross_sample_negatives must not be negative") {
            $0.prediction.crossSampleNegatives = -1
        },
        Case(
            "prediction.negatives and prediction.cross_sample_negatives are both 0: nothing to contrast with"
        ) { $0.prediction.negatives = 0 },
        Case("prediction.sample_distance must be 0 (whole utterance) or at least 2") {
            $0.prediction.sampleDistance = 1
        },
        Case("prediction.balanced_classes needs prediction.negatives above 0") {
            $0.prediction.balancedClasses = true
            $0.prediction.negatives = 0
            $0.prediction.crossSampleNegatives = 5
        },
        Case(
            "prediction.project_features = same needs an aggregator whose output (256 channels) is as wide as "
                + "the quantized frames (512)"
        ) {
            $0.prediction.projectFeatures = .same
            $0.aggregator.layers = [.init(256, 2, 1)]
        },
        Case(
            "aggregator.layers with a stride above 1 need aggregator.skip_connections = false and "
                + "prediction.project_features = same or new"
        ) { $0.aggregator.layers = [.init(512, 2, 2)] },
    ]

    @Test(arguments: refused)
    func refuses(_ example: Case) {
        var configuration = ModelConfiguration()
        example.change(&configuration)
        let error = #expect(throws: ConfigurationError.self) { try configuration.validate() }
        #expect(error?.description == example.testDescription)
        let refusal = #expect(throws: ConfigurationError.self) { try Model(configuration) }
        #expect(refusal == error)
    }

    /// Counts so large that sizes would overflow, each named in the message.
    @Test(
        arguments: [
            ("quantizer.groups", \ModelConfiguration.quantizer.groups),
            ("quantizer.variables", \.quantizer.variables), ("quantizer.dimension", \.quantizer.dimension),
            ("quantizer.depth", \.quantizer.depth), ("prediction.steps", \.prediction.steps),
            ("prediction.offset", \.prediction.offset), ("prediction.negatives", \.prediction.negatives),
            ("prediction.cross_sample_negatives", \.prediction.crossSampleNegatives),
        ] as [(String, WritableKeyPath<ModelConfiguration, Int> & Sendable)])
    func refusesHugeCounts(_ key: String, path: WritableKeyPath<ModelConfiguration, Int> & Sendable) {
        for value in [(1 << 20) + 1, Int.max] {
            var configuration = ModelConfiguration()
            configuration[keyPath: path] = value
            let message = #expect(throws: ConfigurationError.self) { try configuration.validate() }?
                .description
            #expect(message?.contains(key) == true)
        }
    }

    static let accepted: [Case] = [
        Case("the defaults") { _ in },
        Case("k-means, separate codebooks") {
            $0.quantizer.kind = .kmeans
            $0.quantizer.combineGroups = false
        },
        Case("no quantizer: its settings do not matter") {
            $0.quantizer.kind = .none
            $0.quantizer.groups = 0
        },
        Case("negatives of the batch alone") {
            $0.prediction.negatives = 0
            $0.prediction.crossSampleNegatives = 10
        },
        Case("a strided aggregator on both sides") {
            $0.aggregator.layers = [.init(512, 2, 2)]
            $0.aggregator.skipConnections = false
            $0.prediction.projectFeatures = .same
        },
        Case("temperature that stays") {
            $0.quantizer.temperature.decay = 1
            $0.quantizer.temperature.linearFraction = 1
        },
    ]

    @Test(arguments: accepted)
    func accepts(_ example: Case) throws {
        var configuration = ModelConfiguration()
        example.change(&configuration)
        try configuration.validate()
    }
}
