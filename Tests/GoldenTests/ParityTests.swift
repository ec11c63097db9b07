import Autodiff
import Checkpoints
import GoldenSupport
import Layers
import Tensors
import Testing
import Training
import VQWav2Vec

/// Every tensor of the model, forward and backward, against fairseq's.
@Suite struct ParityTests {
    @Test(arguments: GoldenCase.all)
    func evaluation(_ golden: GoldenCase) throws {
        print("parity, evaluation: \(golden.name)")
        let model = try golden.model()
        let inputs = try golden.tensors("inputs")
        let compare = try golden.comparison("eval")
        let output = try model.step(
            inputs.tensor("source"), temperature: 1, losses: golden.losses(),
            noise: golden.noise(training: false, in: inputs), on: Tape(recording: false)
        ) { stack, index, block in
            if compare.has("\(stack).\(index)") {
                record { try compare.check("\(stack).\(index)", FairseqLayout.channelsFirst(block.value)) }
            }
        }
        try checkGeometry(output, golden)
        try checkForward(output, golden, compare)
        try compare.check("loss", output.predictionLoss.value.scalarDouble + output.extraLoss)
        if let quantization = output.quantization { try compare.check("codes", quantization.ids) }
        compare.finish()
    }

    /// The way of `quantize` and `extract`, without a tape, gives the features of evaluation, also where
    /// nothing is kept in memory.
    @Test(arguments: GoldenCase.all)
    func features(_ golden: GoldenCase) throws {
        let model = try golden.model()
        let source = try golden.tensors("inputs").tensor("source")
        let compare = try golden.comparison("eval")
        for memoryLimit in [0, .max] {
            let inference = InferenceModel(model, memoryLimit: memoryLimit)
            var z: [Float] = []
            for item in 0..<golden.info.batch {
                let samples = source.values[item * source.shape[1]..<(item + 1) * source.shape[1]]
                z += try inference.encode(Array(samples)).values
            }
            let shape = [golden.info.batch, golden.info.frames, model.configuration.encodedChannels]
            try compare.check("z", FairseqLayout.channelsFirst(Tensor(z, shape: shape)))
        }
    }

    /// `Model.quantize`, which has no batch, loss or aggregator, gives the ids of evaluation.
    @Test(arguments: GoldenCase.all)
    func tokens(_ golden: GoldenCase) throws {
        let model = try golden.model()
        let source = try golden.tensors("inputs").tensor("source")
        guard let quantizer = model.quantizer else {
            #expect(throws: ModelError.noQuantizer) { try model.quantize(Array(source.values)) }
            return
        }
        let stored = try golden.tensors("eval").integers("codes").map(Int32.init)
        var ids: [Int32] = []
        for item in 0..<golden.info.batch {
            let samples = source.values[item * source.shape[1]..<(item + 1) * source.shape[1]]
            ids += try model.quantize(Array(samples)).ids
        }
        #expect(ids == stored, "\(golden.name)")
        #expect(ids.count == golden.info.batch * golden.info.frames * quantizer.groups)
    }

    @Test(arguments: GoldenCase.all)
    func trainingStep(_ golden: GoldenCase) throws {
        print("parity, training step: \(golden.name)")
        let model = try golden.model()
        let inputs = try golden.tensors("inputs")
        let compare = try golden.comparison("train")
        let tape = Tape(keepingGradients: true)
        var blocks: [(String, Variable)] = []
        let output = try model.step(
            inputs.tensor("source"), temperature: golden.info.train.temp ?? 1, losses: golden.losses(),
            noise: golden.noise(training: true, in: inputs), on: tape
        ) { stack, index, block in blocks.append(("\(stack).\(index)", block)) }
        tape.backward(from: output.loss)
        try checkGeometry(output, golden)
        try checkForward(output, golden, compare)
        try checkScores(output, golden, compare)
        try checkLosses(output, golden, compare)
        for (name, block) in blocks where compare.has(name) {
            try compare.check(name, FairseqLayout.channelsFirst(block.value))
        }
        try checkGradients(output, golden, compare)
        try checkParameterGradients(model, golden, compare)
        compare.finish()
    }

    private func checkGeometry(_ output: StepOutput, _ golden: GoldenCase) throws {
        #expect(output.z.shape[1] == golden.info.frames)
        #expect(output.geometry.firstStep == golden.info.offset)
        #expect(output.geometry.copies == golden.info.copies)
        #expect(output.positives == golden.info.train.sampleSize)
    }

    private func checkForward(
        _ output: StepOutput, _ golden: GoldenCase, _ compare: Comparison
    ) throws {
        let batch = golden.info.batch
        try compare.check("z", FairseqLayout.channelsFirst(output.z.value))
        try compare.check("c", FairseqLayout.channelsFirst(output.context.value))
        try compare.check("pred", FairseqLayout.predictions(output.predictions.value, batch: batch))
        guard let quantization = output.quantization else { return }
        try compare.check("q", FairseqLayout.channelsFirst(quantization.quantized.value))
        let input = quantization.codebookInput.value
        if quantization.softmaxPerplexity != nil {
            try compare.check("q_logits", input)
        } else {
            try compare.check("q_ze", FairseqLayout.channelsFirst(rows: input, batch: batch))
        }
    }

    private func checkScores(
        _ output: StepOutput, _ golden: GoldenCase, _ compare: Comparison
    ) throws {
        let geometry = output.geometry
        let infoNCE = golden.info.criterion.infonce
        try compare.check(
            "cpc_logits", FairseqLayout.scores(output.scores.value, geometry: geometry, infoNCE: infoNCE))
        guard !infoNCE else {
            try compare.check("cpc_targets", [Int32](repeating: 0, count: geometry.rows))
            let scores = output.scores.value.values
            let correct = (0..<geometry.rows).count { row in
                let row = scores[row * geometry.copies..<(row + 1) * geometry.copies]
                return row.max() == row.first && row.min() != row.first
            }
            #expect(correct == golden.info.train.correct)
            #expect(geometry.rows == golden.info.train.count)
            return
        }
        let targets = Tensor(zeros: output.scores.shape)
        for row in 0..<geometry.rows { targets.pointer[row * geometry.copies] = 1 }
        try compare.check("cpc_targets", FairseqLayout.scores(targets, geometry: geometry, infoNCE: false))
        if case .boolean(true) = golden.info.model["balanced_classes"] {
            guard case .integer(let negatives) = golden.info.model["num_negatives"] else { return }
            let weights = Tensor(zeros: output.scores.shape)
            weights.fill(1 / Float(negatives))
            for row in 0..<geometry.rows { weights.pointer[row * geometry.copies] = 1 }
            try compare.check(
                "cpc_weights", FairseqLayout.scores(weights, geometry: geometry, infoNCE: false))
        }
    }

    private func checkLosses(
        _ output: StepOutput, _ golden: GoldenCase, _ compare: Comparison
    ) throws {
        try compare.check("loss", output.loss.value.scalarDouble)
        if compare.has("loss_0") { try compare.check("loss_0", output.predictionLoss.value.scalarDouble) }
        if compare.has("loss_1") { try compare.check("loss_1", output.extraLoss) }
        guard let quantization = output.quantization else { return }
        let variables = quantization.variables
        var usage = CodebookUsage(groups: quantization.groups, variables: variables)
        usage.add(quantization.noiseFreeIDs)
        try compare.check("code_perplexity", usage.perplexityPerGroup.reduce(0, +))
        if let perplexity = quantization.softmaxPerplexity {
            try compare.check("prob_perplexity", perplexity)
            try compare.check("codes", quantization.ids)
            #expect(golden.info.train.numVars == quantization.groups * variables)
        } else {
            let loss = try #require(quantization.loss)
            try compare.check("kmeans_loss", loss.value.value.scalarDouble)
            if compare.has("codes") { try compare.check("codes", quantization.ids) }
            #expect(golden.info.train.numVars == variables)
        }
    }

    private func checkGradients(
        _ output: StepOutput, _ golden: GoldenCase, _ compare: Comparison
    ) throws {
        let batch = golden.info.batch
        try compare.check("grad.z", FairseqLayout.channelsFirst(gradient(output.z)))
        try compare.check("grad.c", FairseqLayout.channelsFirst(gradient(output.context)))
        try compare.check("grad.pred", FairseqLayout.predictions(gradient(output.predictions), batch: batch))
        guard let quantization = output.quantization else { return }
        try compare.check("grad.q", FairseqLayout.channelsFirst(gradient(quantization.quantized)))
        let input = gradient(quantization.codebookInput)
        if quantization.softmaxPerplexity != nil {
            try compare.check("grad.q_logits", input)
        } else {
            try compare.check("grad.q_ze", FairseqLayout.channelsFirst(rows: input, batch: batch))
        }
    }

    private func checkParameterGradients(
        _ model: Model, _ golden: GoldenCase, _ compare: Comparison
    ) throws {
        let without = Set(golden.info.train.parametersWithoutGrad)
        for parameter in model.parameters {
            if without.contains(parameter.name) {
                #expect(parameter.variable.gradient == nil, "\(parameter.name) has no gradient in fairseq")
                if compare.has("grad.param.\(parameter.name)") {
                    try compare.check(
                        "grad.param.\(parameter.name)", Tensor(zeros: parameter.fairseqShape))
                }
            } else {
                let own = try #require(parameter.variable.gradient, "\(parameter.name)")
                try compare.check("grad.param.\(parameter.name)", parameter.toFairseq(own))
            }
        }
    }

    private func gradient(_ variable: Variable) -> Tensor {
        variable.gradient ?? Tensor(zeros: variable.shape)
    }

    private func record(_ body: () throws -> Void) {
        do { try body() } catch { Issue.record(error) }
    }
}

extension Tensor {
    var scalarDouble: Double { Double(scalar) }
}
