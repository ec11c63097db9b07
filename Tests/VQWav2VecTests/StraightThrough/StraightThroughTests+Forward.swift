import Testing
import VQWav2Vec

extension StraightThroughTests {
    @Suite("1. The forward pass is hard")
    struct Forward {
        @Test(
            "ẑ is a row of the codebook, bit for bit, whatever the temperature",
            arguments: [0.01, 0.5, 1, 2, 1000] as [Float], [true, false])
        func exactRows(temperature: Float, isShared: Bool) {
            let problem = ChoiceProblem(isShared: isShared)
            let result = problem.run(temperature: temperature)
            let width = problem.width
            for (index, choice) in problem.choices.enumerated() {
                let row = problem.row(result.ids[index], group: choice.group)
                #expect(
                    result.quantized[index * width..<(index + 1) * width].elementsEqual(
                        problem.codebook[row * width..<(row + 1) * width]))
            }
        }

        @Test(
            "The row is that of the largest logit plus noise; the temperature has no say",
            arguments: [0.01, 0.5, 1, 2, 1000] as [Float])
        func argmaxOfNoisyLogits(temperature: Float) {
            let problem = ChoiceProblem()
            let expected = problem.choices.map { problem.noisyLogits($0).indexOfMaximum }
            #expect(problem.run(temperature: temperature).ids == expected)
        }

        @Test("In evaluation the ids are the largest logits, without noise")
        func evaluation() throws {
            let model = try SmallModel.make(.gumbel)
            let training = try CutStep(model, open: .both)
            let evaluation = try CutStep(model, open: .both, noise: SmallModel.noise(training: false))
            let logits = evaluation.quantization.codebookInput.value
            let variables = evaluation.quantization.variables
            let largest = (0..<logits.count / variables).map { choice in
                logits.values[choice * variables..<(choice + 1) * variables].map(Double.init).indexOfMaximum
            }
            #expect(evaluation.quantization.ids.map(Int.init) == largest)
            #expect(training.quantization.noiseFreeIDs.map(Int.init) == largest)
            #expect(training.quantization.ids != training.quantization.noiseFreeIDs, "noise changes choices")

            let waveforms = SmallModel.waveforms
            let tokens = try (0..<SmallModel.batch).flatMap { item in
                let first = item * SmallModel.samples
                return try model.quantize(Array(waveforms[first..<first + SmallModel.samples])).ids
            }
            #expect(tokens.map(Int.init) == largest, "vq-wav2vec's tokens")
        }
    }
}

extension [Double] {
    /// The place of the largest value, the first on ties.
    var indexOfMaximum: Int { indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}
