import Foundation
import Layers

extension Wav2Vec2Configuration {
    /// C, channels of the extractor's output.
    public var extractedChannels: Int { extractor.layers.last?.channels ?? 0 }

    /// F.
    public var targetWidth: Int { prediction.width > 0 ? prediction.width : transformer.width }

    /// Q, channels of a quantized target.
    public var quantizedChannels: Int { quantizer.dimension > 0 ? quantizer.dimension : targetWidth }

    /// Channels of a quantized input.
    public var quantizedInputChannels: Int {
        if sharesQuantizer { return quantizedChannels }
        return quantizer.dimension > 0 ? quantizer.dimension : transformer.width
    }

    /// Whether inputs and targets have the same quantizer.
    public var sharesQuantizer: Bool { quantizer.isShared && quantizer.inputs && quantizer.targets }

    /// Whether there is a linear map between extractor and transformer.
    var projectsFeatures: Bool { !quantizer.inputs && extractedChannels != transformer.width }

    /// Samples between the starts of two frames.
    public var samplesPerFrame: Int { extractor.layers.totalStride }

    /// Samples that one frame of z sees: the shortest waveform with a frame.
    public var receptiveField: Int { extractor.layers.receptiveField }

    /// Frames for a waveform of so many samples; 0 where it is shorter than the receptive field.
    public func frames(samples: Int) -> Int { extractor.layers.outputs(samples) }

    /// The shortest waveform with two frames to mask.
    public var minimumTrainingSamples: Int {
        receptiveField + (mask.time.length + 1) * samplesPerFrame
    }

    /// The loss of the best answer that does not look at its input, log₂ of the number of candidates.
    public var chanceBits: Double {
        log2(
            Double(
                1 + prediction.negatives + prediction.crossSampleNegatives + prediction.codebookNegatives))
    }

    /// G·V.
    public var codewords: Int { quantizer.groups * quantizer.variables }
}
