import Autodiff
import Layers
import Tensors

extension Model {
    /// Forward pass and loss of one batch, in training or, with noise that is not training, evaluation.
    ///
    /// - Parameters:
    ///   - waveforms: [B, N].
    ///   - temperature: τ of this update, for quantizers that have one.
    ///   - losses: weights of the extra losses.
    ///   - completed: called at the end of each stage, to time them.
    /// - Throws: `ModelError` where the waveforms are too short for one prediction.
    public func step(
        _ waveforms: Tensor, temperature: Double, losses: QuantizerLosses, noise: StepNoise, on tape: Tape,
        probe: BlockProbe? = nil, completed: (StepStage) -> Void = { _ in }
    ) throws -> StepOutput {
        precondition(waveforms.shape.count == 2, "waveforms \(waveforms.shape) are not [B, N]")
        let (batch, samples) = (waveforms.shape[0], waveforms.shape[1])
        guard samples >= configuration.minimumTrainingSamples else {
            throw ModelError.tooShort(samples: samples, needed: configuration.minimumTrainingSamples)
        }
        let prediction = configuration.prediction
        let z = encoder(waveforms, on: tape, probe: probe.map { probe in { probe("enc", $0, $1) } })
        completed(.encoder)
        func quantize(_ frames: Variable) -> Quantization? {
            defer { completed(.quantizer) }
            return quantizer?.quantize(
                frames, temperature: temperature, losses: losses, noise: noise, on: tape)
        }
        var quantization = configuration.quantizesContext ? nil : quantize(z)
        let features = quantization?.quantized ?? z

        let dropped = noise.dropout(features, rate: prediction.dropoutFeatures, on: tape)
        let context = aggregator(
            dropped, on: tape, noise: noise, probe: probe.map { probe in { probe("agg", $0, $1) } })
        completed(.aggregator)
        if configuration.quantizesContext { quantization = quantize(context) }
        let seen = configuration.quantizesContext ? quantization?.quantized ?? context : context
        let predictions = predictor(
            noise.dropout(seen, rate: prediction.dropoutContext, on: tape), noise: noise, on: tape)
        let targets =
            switch prediction.projectFeatures {
            case .none: features
            case .same: aggregator(features, on: tape, noise: noise)
            case .new: (targetAggregator ?? aggregator)(features, on: tape, noise: noise)
            }

        let frames = targets.shape[1]
        let geometry = PredictionGeometry(
            batch: batch, frames: frames, predictedSteps: prediction.steps,
            firstStep: configuration.firstStep,
            negatives: prediction.negatives + prediction.crossSampleNegatives)
        let scores = tape.predictionScores(
            predictions, targets: tape.reshape(targets, [batch * frames, targets.shape[2]]),
            negatives: noise.negatives(sampler, frames: frames), geometry: geometry)
        let predictionLoss =
            prediction.infoNCE
            ? tape.infoNCELoss(scores)
            : tape.binaryContrastiveLoss(scores, negativeWeight: negativeWeight)

        var loss = predictionLoss
        var extraLoss = 0.0
        if let (value, weight) = quantization?.loss, weight != 0 {
            let factor = Float(weight * Double(geometry.rows))
            loss = tape.weightedSum([(predictionLoss, 1), (value, factor)])
            extraLoss = Double(factor) * Double(value.value.scalar)
        }
        completed(.prediction)
        return StepOutput(
            z: z, quantization: quantization, context: context, predictions: predictions, scores: scores,
            geometry: geometry, predictionLoss: predictionLoss, extraLoss: extraLoss, loss: loss,
            quantizerInput: configuration.quantizesContext ? context : z)
    }

    private var negativeWeight: Float {
        configuration.prediction.balancedClasses ? 1 / Float(configuration.prediction.negatives) : 1
    }
}

extension ModelConfiguration {
    /// The shortest waveform with one prediction: two frames for a choice of negatives, and a first target.
    public var minimumTrainingSamples: Int {
        let frames = max(2, (firstStep + 1) * aggregatorStride)
        return receptiveField + (frames - 1) * samplesPerFrame
    }

    /// 1 but for aggregators with strides, whose targets are strided like the contexts.
    private var aggregatorStride: Int { aggregator.layers.reduce(1) { $0 * $1.stride } }
}
