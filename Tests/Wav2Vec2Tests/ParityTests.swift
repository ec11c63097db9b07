import Autodiff
import Checkpoints
import GoldenSupport
import Layers
import Tensors
import Testing
import Wav2Vec2

/// Every tensor of the model, forward and backward, against fairseq's.
@Suite struct ParityTests {
    @Test(arguments: GoldenCase.all)
    func evaluation(_ golden: GoldenCase) throws {
        print("wav2vec 2.0 parity, evaluation: \(golden.name)")
        let model = try golden.model()
        let inputs = try GoldenInputs(golden, model.configuration)
        let compare = try golden.comparison("eval")
        var places: [Wav2Vec2Place: Variable] = [:]
        let task = try inputs.task()
        let output = try model.step(
            inputs.tensor("source"), samples: golden.paddedSamples(), task: task, temperature: 1,
            losses: golden.losses(model), noise: inputs.noise(training: false), on: Tape(recording: false),
            probe: { places[$0] = $1 }, blockProbe: { places[.block($0)] = $1 })
        let step = GoldenStep(golden, model, output, places, task)
        try step.check(compare)
        #expect(step.correct == golden.info.eval.correct)
        #expect(task.positives == golden.info.eval.sampleSize)
        #expect(output.excluded.count { $0 } == golden.info.equalToPositive.eval)
        try checkUnmasked(golden, model, inputs, compare)
        compare.finish()
    }

    /// Ids and contexts of whole utterances, without masks.
    private func checkUnmasked(
        _ golden: GoldenCase, _ model: Wav2Vec2Model, _ inputs: GoldenInputs, _ compare: Comparison
    ) throws {
        let source = try inputs.tensor("source")
        let samples = try golden.paddedSamples()
        try compare.check("all.enc_out", model.context(source, samples: samples))
        try compare.check("all.layer_results.0", model.context(source, samples: samples, layers: 1))
        guard model.quantizer != nil else {
            #expect(throws: ModelError.noQuantizer) { try model.quantize(source) }
            return
        }
        let (ids, quantized) = try model.quantize(source)
        try compare.check("all.q_codes", ids)
        try compare.check(
            "all.q_x", quantized.reshaped([golden.info.batch, golden.info.frames, quantized.shape[1]]))
    }

    @Test(arguments: GoldenCase.all)
    func trainingStep(_ golden: GoldenCase) throws {
        print("wav2vec 2.0 parity, training step: \(golden.name)")
        let model = try golden.model()
        let inputs = try GoldenInputs(golden, model.configuration)
        let compare = try golden.comparison("train")
        var places: [Wav2Vec2Place: Variable] = [:]
        let tape = Tape(keepingGradients: true)
        let task = try inputs.task()
        let output = try model.step(
            inputs.tensor("source"), samples: golden.paddedSamples(), task: task,
            temperature: golden.info.train.temp ?? 1, losses: golden.losses(model),
            noise: inputs.noise(training: true), on: tape, probe: { places[$0] = $1 })
        tape.backward(from: output.loss)
        let step = GoldenStep(golden, model, output, places, task)
        try step.check(compare)
        try step.checkGradients(compare)
        #expect(step.correct == golden.info.train.correct)
        #expect(task.positives == golden.info.train.sampleSize)
        #expect(output.excluded.count { $0 } == golden.info.equalToPositive.train)
        try checkParameterGradients(golden, model, compare)
        compare.finish()
    }

    private func checkParameterGradients(
        _ golden: GoldenCase, _ model: Wav2Vec2Model, _ compare: Comparison
    ) throws {
        let without = Set(golden.info.train.parametersWithoutGrad ?? [])
        for parameter in model.parameters {
            let name = "grad.param.\(parameter.name)"
            if without.contains(parameter.name) {
                #expect(parameter.variable.gradient == nil, "\(parameter.name) has no gradient in fairseq")
                if compare.has(name) { try compare.check(name, Tensor(zeros: parameter.fairseqShape)) }
            } else {
                let own = try #require(parameter.variable.gradient, "\(parameter.name)")
                try compare.check(name, parameter.toFairseq(own))
            }
        }
    }
}
