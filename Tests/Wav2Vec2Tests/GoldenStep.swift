import Autodiff
import Checkpoints
import GoldenSupport
import Layers
import Tensors
import Testing
import Wav2Vec2

/// A step beside fairseq's: our tensors in the layouts of the stored ones.
struct GoldenStep {
    private let golden: GoldenCase
    private let model: Wav2Vec2Model
    private let output: Wav2Vec2Step
    private let places: [Wav2Vec2Place: Variable]
    private let task: PredictionTask

    init(
        _ golden: GoldenCase, _ model: Wav2Vec2Model, _ output: Wav2Vec2Step,
        _ places: [Wav2Vec2Place: Variable], _ task: PredictionTask
    ) {
        (self.golden, self.model, self.output) = (golden, model, output)
        (self.places, self.task) = (places, task)
    }

    private var batch: Int { golden.info.batch }

    /// Rows whose positive has the largest score, and not also the smallest.
    var correct: Int {
        let (values, copies) = (output.scores.value.values, output.scores.shape[1])
        return (0..<output.scores.shape[0]).count { row in
            let row = values[row * copies..<(row + 1) * copies]
            return row.max() == row.first && row.min() != row.first
        }
    }

    /// By name, with what turns our values and gradients into fairseq's shape.
    private var tensors: [(name: String, variable: Variable, layout: (Tensor) -> Tensor)] {
        let same: (Tensor) -> Tensor = { $0 }
        let channelsFirst: (Tensor) -> Tensor = { $0.transposed([0, 2, 1]) }
        let byItem: (Tensor) -> Tensor = { $0.reshaped([batch, $0.shape[0] / batch, $0.shape[1]]) }
        var tensors: [(String, Variable, (Tensor) -> Tensor)] = [
            ("conv_out", output.extracted, channelsFirst), ("features", output.features, same),
            ("enc_in", output.input, same), ("enc_out", output.context, same),
            ("y_proj", output.projectedTargets, byItem), ("y", output.positives, byItem),
            ("x_proj", output.predictions, byItem),
            ("logits", output.scores, { byItem($0).transposed([2, 0, 1]) }),
        ]
        if model.configuration.prediction.gatesTargets {
            tensors.append(("y_glu", output.positives, byItem))
        }
        if let quantization = output.inputQuantization {
            tensors.append(("iq_logits", quantization.codebookInput, same))
            tensors.append(("iq_x", quantization.quantized, same))
            tensors.append(("inp_proj", output.projected, same))
        } else if output.projected !== output.features {
            tensors.append(("proj", output.projected, same))
        }
        if let quantization = output.quantization {
            tensors.append(("q_logits", quantization.codebookInput, same))
            tensors.append(("q_x", quantization.quantized, same))
        }
        for (place, variable) in places {
            switch place {
            case .block(let index): tensors.append(("conv.\(index)", variable, channelsFirst))
            case .positions: tensors.append(("pos_conv", variable, channelsFirst))
            case .layerInput: tensors.append(("layer_in", variable, same))
            case .layer(let index): tensors.append(("layer.\(index)", variable, same))
            }
        }
        return tensors
    }

    /// Not every case has every tensor stored; that each which is stored has been compared, `Comparison.finish` sees to.
    func check(_ compare: Comparison) throws {
        for (name, variable, layout) in tensors where compare.has(name) {
            try compare.check(name, layout(variable.value))
        }
        try checkChoices(compare)
        try compare.check("features_pen", Double(output.penalty.value.scalar))
        try compare.check("loss", Double(output.loss.value.scalar))
        try compare.check("loss_contrastive", Double(output.contrastiveLoss.value.scalar))
        if compare.has("loss_diversity") { try compare.check("loss_diversity", output.diversityLoss) }
        try compare.check("loss_features", output.penaltyLoss)
        if compare.has("frame_padding_mask") {
            let lengths = golden.info.frameLengths
            try compare.check(
                "frame_padding_mask",
                lengths.flatMap { length in
                    (0..<golden.info.frames).map { Int32($0 < length ? 0 : 1) }
                })
            let samples = try golden.paddedSamples()
            #expect(samples?.map { model.configuration.frames(samples: $0) } == lengths)
        }
    }

    private func checkChoices(_ compare: Comparison) throws {
        let (rows, copies) = (task.positives, output.scores.shape[1] - 1)
        // Absent where all negatives are of the codebook.
        if compare.has("neg_idx") { try compare.check("neg_idx", task.negatives) }
        try compare.check(
            "neg_is_pos",
            (0..<copies).flatMap { copy in
                (0..<rows).map { Int32(output.excluded[$0 * copies + copy] ? 1 : 0) }
            })
        if let quantization = output.inputQuantization { try compare.check("iq_codes", quantization.ids) }
        if let quantization = output.quantization { try compare.check("q_codes", quantization.ids) }
        guard let reported = output.reported else { return }
        var usage = CodebookUsage(groups: reported.groups, variables: reported.variables)
        usage.add(reported.noiseFreeIDs)
        try compare.check("code_perplexity", usage.perplexityPerGroup.reduce(0, +))
        try compare.check("prob_perplexity", try #require(reported.softmaxPerplexity))
        #expect(golden.info.train.numVars == reported.groups * reported.variables)
    }

    func checkGradients(_ compare: Comparison) throws {
        for (name, variable, layout) in tensors where compare.has("grad.\(name)") {
            let gradient = variable.gradient ?? Tensor(zeros: variable.shape)
            try compare.check("grad.\(name)", layout(gradient))
        }
        if compare.has("grad.conv_out_multiplied") {
            let gradient = try #require(output.scaled.gradient)
            try compare.check("grad.conv_out_multiplied", gradient.transposed([0, 2, 1]))
        }
    }
}
