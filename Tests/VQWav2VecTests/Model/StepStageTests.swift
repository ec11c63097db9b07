import Autodiff
import Layers
import Tensors
import Testing
import VQWav2Vec

@Suite struct StepStageTests {
    @Test(arguments: QuantizerConfiguration.Kind.allCases)
    func stagesEndInTheirOrder(_ kind: QuantizerConfiguration.Kind) throws {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = [.init(8, 10, 5), .init(8, 8, 4)]
        configuration.aggregator.layers = [.init(8, 2, 1)]
        configuration.quantizer.kind = kind
        configuration.quantizer.variables = 4
        let model = try Model(configuration)
        let samples = 2 * configuration.minimumTrainingSamples
        var stages: [StepStage] = []
        _ = try model.step(
            Tensor(zeros: [1, samples]), temperature: 1, losses: QuantizerLosses(),
            noise: StepNoise(training: true, items: [0]), on: Tape(), completed: { stages.append($0) })
        #expect(stages == StepStage.allCases)
    }
}
