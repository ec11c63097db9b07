import Foundation
import GoldenSupport
import Layers
import Tensors
import Testing
import Wav2Vec2

/// Masks and negatives from the numbers that fairseq drew for them.
@Suite struct DrawParityTests {
    @Test(arguments: GoldenCase.all)
    func masks(_ golden: GoldenCase) throws {
        print("wav2vec 2.0 parity, masks: \(golden.name)")
        let configuration = try golden.model().configuration
        let inputs = try GoldenInputs(golden, configuration)
        var draws = golden.info.maskDraws.map(ReplayedDraws.init)
        let masked = SpanMask(
            configuration.mask.time, fewest: 2, unmaskedShare: configuration.mask.unmaskedShare)(
                frames: golden.info.frameLengths, draws: &draws, last: true)
        let storedMasks = try inputs.indices("mask_indices")
        #expect(masked == storedMasks)
        #expect(masked.allSatisfy { $0.count == golden.info.masked })
        #expect(draws.allSatisfy { $0.isAtEnd })
        guard let channelDraws = golden.info.maskChannelDraws, !channelDraws.isEmpty else { return }
        draws = channelDraws.map(ReplayedDraws.init)
        let zeroed = SpanMask(configuration.mask.channels, fewest: 0)(
            frames: Array(repeating: configuration.transformer.width, count: golden.info.batch),
            draws: &draws,
            last: true)
        let storedChannels = try inputs.indices("mask_channel_indices")
        #expect(zeroed == storedChannels)
        #expect(draws.allSatisfy { $0.isAtEnd })
    }

    /// Our own sampler takes the same negatives where fairseq's arithmetic is right: of masked frames of the same item.
    @Test(arguments: GoldenCase.all)
    func negatives(_ golden: GoldenCase) throws {
        let configuration = try golden.model().configuration
        let prediction = configuration.prediction
        guard
            prediction.negatives > 0, prediction.crossSampleNegatives == 0,
            !prediction.negativesFromEverywhere
        else { return }
        let inputs = try GoldenInputs(golden, configuration)
        let task = try inputs.task()
        let draws = try golden.tensors("inputs").integers("randint.0").map { Int($0) }
        var next = 0
        let rows = NegativeSampler(prediction).rows(masked: task.masked, frames: golden.info.frames) {
            _, bound in
            defer { next += 1 }
            #expect(draws[next] < bound)
            return draws[next]
        }
        #expect(rows == task.negatives)
        #expect(next == draws.count)
    }
}
