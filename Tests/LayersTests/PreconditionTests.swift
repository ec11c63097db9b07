import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing

/// Wrong shapes end the process with a line that says what does not fit, before anything is read out of bounds.
@Suite struct PreconditionTests {
    /// Optimised programs end as well, but the compiler leaves the message out.
    private func expect(_ result: ExitTest.Result?, toSay message: String) {
        #if DEBUG
            let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            #expect(said.contains(message))
        #endif
    }

    @Test func gumbelNoiseIsDividedEqually() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tensor.gumbelNoise(
                shape: [7], streams: (0..<2).map { RandomStream(seed: 1, purpose: .test, item: $0) })
        }
        expect(result, toSay: "cannot be divided equally among 2 streams")
    }

    @Test func nearestCodewordsHaveTheWidthOfTheFrames() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = nearestCodewords(
                Tensor(zeros: [4, 6]), codebook: Tensor(zeros: [5, 4]), groups: 2, variables: 5)
        }
        expect(result, toSay: "frames [4, 6] are not [R, 2 · 4] as the codewords")
    }

    @Test func gumbelStraightThroughHasNoiseForEachLogit() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tape().gumbelStraightThrough(
                logits: .parameter(Tensor(zeros: [4, 10])), codebook: .parameter(Tensor(zeros: [5, 3])),
                groups: 2, noise: Tensor(zeros: [2, 10]), temperature: 1)
        }
        expect(result, toSay: "noise of shape [2, 10] for logits [4, 10]")
    }

    @Test func gumbelStraightThroughHasACodebookOfTheLogits() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tape().gumbelStraightThrough(
                logits: .parameter(Tensor(zeros: [4, 10])), codebook: .parameter(Tensor(zeros: [4, 3])),
                groups: 2, noise: nil, temperature: 1)
        }
        expect(result, toSay: "a codebook [4, 3] has not 5 codewords for each of 2 groups")
    }

    @Test func codebookLossHasAnIdForEachFrame() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tape().codebookLoss(
                .parameter(Tensor(zeros: [4, 6])), codebook: .parameter(Tensor(zeros: [5, 3])), ids: [0, 1],
                groups: 2, variables: 5, gamma: 0.25)
        }
        expect(result, toSay: "2 ids for 4 frames of 2 groups")
    }

    @Test func convolutionsFitTheirInput() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = Tape().convolve(
                .constant(Tensor(zeros: [1, 3, 2])), weight: .parameter(Tensor(zeros: [4, 5, 2])), stride: 1)
        }
        expect(result, toSay: "x [1, 3, 2] cannot be convolved with a weight [4, 5, 2]")
    }
}
