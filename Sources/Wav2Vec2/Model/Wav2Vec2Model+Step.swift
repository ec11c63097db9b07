import Autodiff
import Layers
import Tensors

/// Everything between a batch of waveforms and its loss. Variables keep their values, and, on a tape that keeps
/// gradients, what the backward pass sent to them.
public struct Wav2Vec2Step {
    /// The extractor's output, [B, T, C].
    public let extracted: Variable
    /// The same behind the scaling of gradients.
    public let scaled: Variable
    /// z, [B, T, C].
    public let features: Variable
    /// Frames as the transformer would see them without masks, before dropout, [B, T, E].
    public let projected: Variable
    public let inputQuantization: Quantization?
    /// What the transformer sees, [B, T, E].
    public let input: Variable
    /// c [B, T, E].
    public let context: Variable
    /// Of the masked frames, or of all frames with negatives from everywhere.
    public let quantization: Quantization?
    /// Projected candidates, [B·M, F], or, of quantized targets with negatives from everywhere, [B·T, F].
    public let projectedTargets: Variable
    /// What the predictions should be, [B·M, F].
    public let positives: Variable
    /// [B·M, F].
    public let predictions: Variable
    /// [B·M, 1 + K]: see `Tape.cosineScores`.
    public let scores: Variable
    /// [B·M, K]: whether a negative is the positive itself.
    public let excluded: [Bool]
    /// Σ of the contrastive loss over all predictions, in nats.
    public let contrastiveLoss: Variable
    /// Mean square of the extractor's output.
    public let penalty: Variable
    /// The diversity loss, times its weight and the number of positives.
    public let diversityLoss: Double
    /// The penalty, times its weight and the number of positives.
    public let penaltyLoss: Double
    /// What the backward pass starts from: the sum of the three.
    public let loss: Variable

    /// What the perplexities are those of: the quantizer of the targets, or, without one, that of the inputs.
    public var reported: Quantization? { quantization ?? inputQuantization }
}

extension Wav2Vec2Model {
    /// Forward pass and loss of one batch, in training or, with noise that is not training, evaluation.
    ///
    /// - Parameters:
    ///   - waveforms: [B, N], zeros behind the end of each item.
    ///   - samples: of each item, where they differ; nil for N.
    ///   - task: nil to draw one.
    ///   - temperature: τ of this update.
    ///   - losses: weights of what is added to the contrastive loss.
    ///   - probe: sees what lies within the parts.
    ///   - blockProbe: sees the blocks of the extractor. Without it nothing of the first block needs to be kept.
    /// - Throws: `ModelError` where a waveform is too short, or there is too little to mask.
    public func step(
        _ waveforms: Tensor, samples: [Int]? = nil, task: PredictionTask? = nil, temperature: Double,
        losses: Wav2Vec2Losses, noise: StepNoise, on tape: Tape, probe: Wav2Vec2Probe? = nil,
        blockProbe: ((Int, Variable) -> Void)? = nil
    ) throws -> Wav2Vec2Step {
        let lengths = try frameLengths(waveforms, samples: samples)
        let items = waveforms.shape[0]
        let frames = configuration.frames(samples: waveforms.shape[1])
        let task =
            try task
            ?? configuration.drawTask(frames: frames, lengths: lengths, items: items, noise: noise)
        let (extracted, scaled) = extract(waveforms, on: tape, probe: blockProbe)
        let penalty = tape.meanSquare(scaled)
        let features = norm(scaled, on: tape)

        let input = makeInput(
            features, task: task, temperature: temperature, losses: losses, noise: noise, on: tape)
        let targetFeatures = noise.dropout(
            features, rate: configuration.extractor.targetDropout, on: tape)
        let context = transformer(input.masked, lengths: lengths, noise: noise, on: tape, probe: probe)
        let targets = makeTargets(
            targetFeatures, task: task, temperature: temperature, losses: losses, noise: noise, on: tape)

        let (predictions, scores) = score(context, targets, task: task, on: tape)
        let contrastive = tape.infoNCELoss(scores)

        let positives = Double(task.positives)
        var terms = [(contrastive, weight: Float(1))]
        var diversityLoss = 0.0
        if let (value, weight) = (targets.quantization ?? input.quantization)?.loss, weight != 0 {
            terms.append((value, Float(weight * positives)))
            diversityLoss = weight * positives * Double(value.value.scalar)
        }
        if losses.penaltyWeight != 0 { terms.append((penalty, Float(losses.penaltyWeight * positives))) }
        return Wav2Vec2Step(
            extracted: extracted, scaled: scaled, features: features, projected: input.projected,
            inputQuantization: input.quantization, input: input.masked, context: context,
            quantization: targets.quantization, projectedTargets: targets.projected,
            positives: targets.positives, predictions: predictions, scores: scores,
            excluded: targets.excluded, contrastiveLoss: contrastive, penalty: penalty,
            diversityLoss: diversityLoss,
            penaltyLoss: losses.penaltyWeight * positives * Double(penalty.value.scalar),
            loss: tape.weightedSum(terms))
    }

    /// The extractor's output, and the same behind the scaling of gradients.
    package func extract(
        _ waveforms: Tensor, on tape: Tape, probe: ((Int, Variable) -> Void)? = nil
    ) -> (extracted: Variable, scaled: Variable) {
        let scale = configuration.extractor.gradientScale
        // An extractor that does not learn needs no tape.
        let still = Tape(recording: false, precision: tape.precision)
        let extracted = extractor(waveforms, on: scale == 0 ? still : tape, probe: probe)
        return (
            extracted, scale == 0 || scale == 1 ? extracted : tape.scaleGradient(extracted, by: Float(scale))
        )
    }

    /// Frames of each item that are not padding; nil where no item has any.
    func frameLengths(_ waveforms: Tensor, samples: [Int]?) throws -> [Int]? {
        precondition(
            waveforms.shape.count == 2 && samples.map { $0.count == waveforms.shape[0] } ?? true,
            "waveforms \(waveforms.shape) are not [B, N], or lack their lengths")
        let lengths = samples ?? Array(repeating: waveforms.shape[1], count: waveforms.shape[0])
        for length in lengths where configuration.frames(samples: length) < 1 {
            throw ModelError.tooShort(samples: length, needed: configuration.receptiveField)
        }
        let isPadded = lengths.contains { $0 < waveforms.shape[1] }
        return isPadded ? lengths.map { configuration.frames(samples: $0) } : nil
    }

    /// The weight of the quantizer's own term, G·V − Σ_g perplexity_g.
    func quantizerLosses(_ losses: Wav2Vec2Losses) -> QuantizerLosses {
        QuantizerLosses(diversityWeight: losses.diversityWeight / Double(configuration.codewords))
    }

    /// What the transformer sees.
    /// - Parameter features: z, [B, T, C].
    /// - Returns: frames without masks, before dropout, and with masks, [B, T, E].
    package func makeInput(
        _ features: Variable, task: PredictionTask, temperature: Double, losses: Wav2Vec2Losses,
        noise: StepNoise, on tape: Tape
    ) -> (projected: Variable, masked: Variable, quantization: Quantization?) {
        let rate = configuration.extractor.dropout
        var projected = featureProjection?(features, on: tape) ?? features
        var x = noise.dropout(projected, rate: rate, on: tape)
        var quantization: Quantization?
        if let inputQuantizer, let inputProjection {
            // Of a model with both quantizers, the diversity loss is that of the targets' quantizer alone.
            let weights = quantizer == nil ? quantizerLosses(losses) : QuantizerLosses()
            let quantized = inputQuantizer.quantize(
                x, temperature: temperature, losses: weights, noise: noise, on: tape)
            projected = inputProjection(quantized.quantized, on: tape)
            (x, quantization) = (projected, quantized)
        }
        if configuration.mask.channelsFirst { x = zeroChannels(x, task, tape) }
        x = tape.replaceRows(x, task.maskedRows(frames: x.shape[1]), with: maskVector.variable)
        if !configuration.mask.channelsFirst { x = zeroChannels(x, task, tape) }
        return (projected, x, quantization)
    }

    /// Predictions at the masked frames, [B·M, F], and their scores, [B·M, 1 + K].
    /// - Parameter context: c [B, T, E].
    package func score(
        _ context: Variable, _ targets: PredictionTargets, task: PredictionTask, on tape: Tape
    ) -> (predictions: Variable, scores: Variable) {
        let predictions = contextProjection(
            tape.rows(context, task.maskedRows(frames: context.shape[1])), on: tape)
        let scores = tape.cosineScores(
            predictions, positives: targets.positives, table: targets.table, negatives: targets.negatives,
            excluded: targets.excluded, temperature: Float(configuration.prediction.temperature))
        return (predictions, scores)
    }

    private func zeroChannels(_ x: Variable, _ task: PredictionTask, _ tape: Tape) -> Variable {
        task.zeroedChannels.map { tape.zeroChannels(x, $0) } ?? x
    }
}
