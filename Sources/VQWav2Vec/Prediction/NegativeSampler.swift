import Autodiff
import Layers
import Tensors

/// Draws the distractors of every target frame, uniformly from the frames of the same utterance and, on
/// request, from all frames of the batch. The target itself is never drawn: the paper's intent, which
/// fairseq's index arithmetic misses.
package struct NegativeSampler {
    let negatives: Int
    let crossSampleNegatives: Int
    /// Negatives of the same utterance come from its first so many frames; 0 means all.
    let sampleDistance: Int

    package init(_ configuration: PredictionConfiguration) {
        negatives = configuration.negatives
        crossSampleNegatives = configuration.crossSampleNegatives
        sampleDistance = configuration.sampleDistance
    }

    /// - Parameters:
    ///   - frames: T, at least 2.
    ///   - streams: one per item of the batch.
    /// - Returns: rows of the flattened [B·T] frames, [B, T, N], own negatives first.
    package func sample(frames: Int, streams: [RandomStream]) -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(streams.count * frames * (negatives + crossSampleNegatives))
        let reach = sampleDistance == 0 ? frames : min(frames, sampleDistance)
        let total = streams.count * frames
        for (item, var stream) in streams.enumerated() {
            for frame in 0..<frames {
                for _ in 0..<negatives {
                    result.append(
                        Int32(item * frames + draw(below: reach, without: frame, from: &stream)))
                }
                for _ in 0..<crossSampleNegatives {
                    result.append(Int32(draw(below: total, without: item * frames + frame, from: &stream)))
                }
            }
        }
        return result
    }

    /// Uniform in 0..<bound without one value (which may lie outside).
    private func draw(below bound: Int, without excluded: Int, from stream: inout RandomStream) -> Int {
        guard excluded < bound else { return stream.nextInteger(below: bound) }
        let value = stream.nextInteger(below: bound - 1)
        return value >= excluded ? value + 1 : value
    }
}

extension StepNoise {
    /// The negatives of a batch of T frames per item.
    package func negatives(_ sampler: NegativeSampler, frames: Int) -> [Int32] {
        storedNegatives ?? sampler.sample(frames: frames, streams: streams(.negatives))
    }
}

extension RandomStream.Purpose {
    package static let negatives = RandomStream.Purpose(5)
}
