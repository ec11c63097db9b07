import Autodiff
import Foundation
import Layers
import Tensors

extension Model {
    /// Starts codebook and predictions from data (`codebook.initialize_from_data`). Not in the paper, not in
    /// fairseq; without a quantizer this does nothing.
    ///
    /// Two things let the codebooks of small models collapse in the first updates. Few codewords are near
    /// the frames, so few are chosen. And the fastest way down from the 11 bits of a random start is to make
    /// all codewords alike: what they share is what predictions use to answer "a negative", which is right
    /// ten times out of eleven. So codewords begin on frames, with a common mean, and the bias of the
    /// predictions begins where that mean scores the best constant logit.
    ///
    /// - Parameter waveforms: the first batch, [B, N].
    public func initializeFromData(_ waveforms: Tensor, stream: RandomStream) {
        guard let quantizer else { return }
        let z = quantizerInput(waveforms)
        quantizer.initializeCodebook(from: z, stream: stream)
        let mean = quantizer.quantization(of: z).quantized.value.channelMeans
        let squaredNorm = mean.reduce(0) { $0 + $1 * $1 }
        guard !configuration.quantizesContext, squaredNorm > 0,
            let logit = configuration.prediction.bestConstantLogit
        else { return }
        predictor.weight.variable.value.fill(0)
        predictor.bias.variable.value.assign(
            Tensor(mean.map { Float(logit * $0 / squaredNorm) }, shape: [mean.count]))
    }

    /// Lets a quantizer begin in a model that was trained without one: codewords lie where the frames do, and what
    /// predictions have learned stays.
    ///
    /// - Parameter waveforms: the first batch, [B, N].
    public func addQuantizer(_ waveforms: Tensor, stream: RandomStream) {
        quantizer?.begin(behind: quantizerInput(waveforms), stream: stream)
    }

    /// z, or c, in evaluation.
    private func quantizerInput(_ waveforms: Tensor) -> Tensor {
        let z = encode(waveforms)
        return configuration.quantizesContext ? aggregator.contexts(of: z) : z
    }
}

extension PredictionConfiguration {
    /// The score that is the best answer to every question: −log of the weight of the negatives for each
    /// positive. nil for InfoNCE, where a constant says nothing.
    var bestConstantLogit: Double? {
        guard !infoNCE else { return nil }
        let all = Double(negatives + crossSampleNegatives)
        return -log(balancedClasses ? all / Double(negatives) : all)
    }
}

extension Tensor {
    /// The mean over all but the last axis.
    fileprivate var channelMeans: [Double] {
        let channels = shape[shape.count - 1]
        var sums = [Double](repeating: 0, count: channels)
        for index in 0..<count { sums[index % channels] += Double(pointer[index]) }
        return sums.map { $0 / Double(count / channels) }
    }
}
