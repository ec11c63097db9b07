import Autodiff
import Checkpoints
import Foundation
import Layers
import Tensors
import Testing
import Training
import VQWav2Vec

@Suite struct CodebookStartTests {
    private func model(_ kind: QuantizerConfiguration.Kind) throws -> Model {
        var configuration = tiny(kind).model
        configuration.quantizer.variables = 8
        return try Model(configuration)
    }

    /// [2, 1600].
    private var batch: Tensor {
        Tensor((tones(1600, seed: 1) + tones(1600, seed: 2)).map { Float($0) / 32768 }, shape: [2, 1600])
    }

    private func step(_ model: Model) throws -> StepOutput {
        try model.step(
            batch, temperature: 1, losses: QuantizerLosses(),
            noise: StepNoise(training: false, items: [0, 1]),
            on: Tape(recording: false))
    }

    @Test(arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func codewordsAreInUseAndPredictionsAtThePrior(kind: QuantizerConfiguration.Kind) throws {
        let model = try model(kind)
        model.initializeFromData(batch, stream: RandomStream(seed: 1, purpose: .codebookRestart))
        let output = try step(model)
        let quantization = try #require(output.quantization)
        var usage = CodebookUsage(groups: 2, variables: 8)
        usage.add(quantization.noiseFreeIDs)
        #expect(usage.distinctPerGroup.allSatisfy { $0 >= 4 }, "\(usage.distinctPerGroup)")

        // Every prediction is the bias, whose product with the mean target is −log of the number of negatives.
        let bias = output.predictions.value.values.prefix(8)
        let quantized = quantization.quantized.value.values
        let score = quantized.indices.reduce(0.0) { $0 + Double(quantized[$1] * bias[$1 % 8]) }
        #expect(abs(score / Double(quantized.count / 8) + log(3)) < 1e-3)
        let bits = Double(output.predictionLoss.value.scalar) / Double(output.positives) / log(2)
        #expect(abs(bits - model.configuration.prediction.chanceBits) < 0.5)
    }

    @Test func restartedCodewordsAreChosen() throws {
        let model = try model(.kmeans)
        let quantizer = try #require(model.quantizer)
        let z = model.encode(batch)
        let before = quantizer.codebook.variable.value.values
        let stream = RandomStream(seed: 3, purpose: .codebookRestart)
        #expect(quantizer.restartCodewords([2, 5], from: z, stream: stream) == 2)
        let after = quantizer.codebook.variable.value.values
        let width = 4
        for row in 0..<before.count / width {
            let isSame = before[row * width..<(row + 1) * width] == after[row * width..<(row + 1) * width]
            #expect(isSame == (row != 2 && row != 5))
        }
        let ids = try #require(try step(model).quantization).noiseFreeIDs
        #expect(ids.contains(2) && ids.contains(5))
    }

    @Test func onlyUnusedCodewordsAreRestartedAndOnlyWhereThatHelps() throws {
        let runs = try TinyRuns()
        var run = tiny(.kmeans)
        run.model.quantizer.variables = 64
        run.codebook.initializeFromData = false
        run.codebook.restartAfterUpdates = 2
        let screen = RunScreen()
        try runs.train("kmeans", run, screen: screen)
        #expect(screen.text.contains("update 2: restarted "))
        #expect(!screen.text.contains("update 3: restarted "))
        run.model.quantizer.kind = .gumbel
        let other = RunScreen()
        try runs.train("gumbel", run, screen: other)
        #expect(!other.text.contains("restarted"))
    }
}
