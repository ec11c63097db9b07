import Checkpoints
import Foundation
import Speech
import Tensors
import VQWav2Vec
import Wav2Vec2

/// What a run will read and need, told before it begins.
public struct RunEstimate: Sendable {
    /// Of the training data, in each pass over it.
    public let batchesPerEpoch: Int
    /// Passes over the training data in the whole run.
    public let epochs: Double
    /// The batch that needs most: recordings, and samples of each.
    public let largestBatch: (recordings: Int, samples: Int)
    /// Samples of a batch, recordings times length, in the mean.
    public let meanBatchSamples: Double
    /// About what the process will need, in bytes, in floating point: nothing has been found possible yet.
    public let memoryBytes: Double
    /// What it cannot do with less than: recordings that find no room are decoded again.
    private let leastBytes: Double

    public init(_ configuration: RunConfiguration, data: TrainingData) {
        let batches = data.training.batches(epoch: 0)
        let sizes = batches.map { $0.utterances.count * $0.samples }
        batchesPerEpoch = batches.count
        let training = configuration.training
        epochs = Double(training.maxUpdates) * Double(training.accumulateBatches) / Double(batches.count)
        meanBatchSamples = Double(sizes.reduce(0, +)) / Double(sizes.count)
        let all = batches + (data.validation?.batches(epoch: 0) ?? [])
        let largest = all.max { $0.utterances.count * $0.samples < $1.utterances.count * $1.samples }
        largestBatch = (largest?.utterances.count ?? 0, largest?.samples ?? 0)

        let (weights, activations) = configuration.sizes(samples: largestBatch.samples)
        let waveforms = Double(largestBatch.recordings) * Double(largestBatch.samples)
        // Gradients of blocks of batches that wait for their sibling.
        let sums = (log2(Double(max(1, training.accumulateBatches))) + 0.5).rounded()
        // Value, gradient and two moments of each weight, and perhaps its average; batches that are read ahead.
        let kept = configuration.optimizer.averageDecay > 0 ? 5.0 : 4
        let floats = (kept + sums) * weights + 4 * waveforms + Double(largestBatch.recordings) * activations
        let recordings = 4 * Double(data.fingerprint.samples)
        memoryBytes = 4 * floats + Self.programBytes + min(recordings, Double(TrainingData.waveformBytes))
        leastBytes = 4 * floats + Self.programBytes + min(recordings, Double(WaveformStore.defaultLimit))
    }

    /// The program, its libraries and their buffers.
    private static let programBytes = 5e7

    /// - Throws: `TrainingError` where the memory that there is cannot be enough.
    public func requireMemory() throws {
        let limit = ProcessMemory.limitBytes
        guard leastBytes > Double(limit) else { return }
        throw TrainingError.notEnoughMemory(needed: leastBytes, available: Double(limit))
    }

    /// `0.35 GB`.
    public static func gigabytes(_ bytes: Double) -> String {
        String(format: bytes < 1e10 ? "%.2f GB" : "%.0f GB", bytes / 1e9)
    }
}

extension RunConfiguration {
    /// About the weights of the model, and the floats that one waveform takes in an update.
    fileprivate func sizes(samples: Int) -> (weights: Double, activations: Double) {
        if let wav2vec2 { return (wav2vec2.roughWeightCount, wav2vec2.activations(samples: samples)) }
        return (model.roughWeightCount, model.activations(samples: samples))
    }
}

extension ModelConfiguration {
    /// About the floats that one waveform takes in an update: twice what the layers put out (values and
    /// gradients), half of that for the first layer, whose output is computed again rather than kept.
    fileprivate func activations(samples: Int) -> Double {
        var (length, floats) = (samples, 0.0)
        for (index, layer) in encoder.layers.enumerated() {
            length = layer.length.outputs(length)
            floats += (index == 0 ? 0.25 : 1) * Double(length) * Double(layer.channels)
        }
        var frames = Double(length)
        switch quantizer.kind {
        case .none: break
        case .kmeans: floats += frames * 2 * Double(encodedChannels)
        case .gumbel:
            let hidden = Double(max(0, quantizer.depth - 1)) * 2 * Double(encodedChannels)
            floats += frames * (hidden + 2 * Double(quantizer.groups) * Double(quantizer.variables))
        }
        for layer in aggregator.layers {
            frames = (frames / Double(layer.stride)).rounded(.up)
            floats += frames * Double(layer.channels)
        }
        let steps = Double(prediction.steps)
        floats += frames * steps * Double(targetChannels)
        return 2 * floats + 2 * frames * steps
            * Double(prediction.negatives + prediction.crossSampleNegatives + 1)
    }
}

extension Wav2Vec2Configuration {
    /// About the floats that one waveform takes in an update: what the layers put out and have to keep.
    fileprivate func activations(samples: Int) -> Double {
        var (length, floats) = (samples, 0.0)
        for layer in extractor.layers {
            length = layer.length.outputs(length)
            floats += 2.5 * Double(length) * Double(layer.channels)
        }
        let frames = Double(length)
        let perLayer = 14 * Double(transformer.width) + 3 * Double(transformer.innerWidth)
        floats += frames * Double(transformer.layers) * perLayer
        floats += frames * (6 * Double(codewords) + 4 * Double(transformer.width))
        return floats + frames * Double(prediction.negatives + prediction.crossSampleNegatives)
    }
}
