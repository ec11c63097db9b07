import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing

/// What is not a number must stay so on its way through the operations: training stops at the first loss or
/// gradient that is not finite, which it can only see when no operation turns one into a harmless number.
@Suite struct NonFiniteTests {
    /// A length that has whole vectors and a rest, and every place of the bad value in it.
    static let places = [0, 5, 16, 36]
    static let count = 37

    private func row(_ bad: Float, at place: Int, shape: [Int] = [count]) -> Tensor {
        let x = Tensor.random(shape, 1)
        x.pointer[place] = bad
        return x
    }

    @Test(arguments: Activation.allCases, places)
    func activate(_ activation: Activation, place: Int) {
        let passes = Passes([row(.nan, at: place)]) { $0.activate($1[0], activation) }
        #expect(passes.output.firstNonFinite == place)
        #expect(passes.gradients[0]?.firstNonFinite == place)
        let infinite = Passes([row(.infinity, at: place)]) { $0.activate($1[0], activation) }
        #expect(infinite.output.firstNonFinite == place)
        // The limit is 0, which GELU's product 0 · ∞ does not find.
        let negative = Passes([row(-.infinity, at: place)]) { $0.activate($1[0], activation) }
        #expect(negative.output.firstNonFinite == (activation == .relu ? nil : place))
    }

    @Test(arguments: places)
    func logCompress(place: Int) {
        let passes = Passes([row(.nan, at: place)]) { $0.logCompress($1[0]) }
        #expect(passes.output.values[place].isNaN)
        #expect(passes.gradients[0]?.values[place].isNaN == true)
        for infinity in [Float.infinity, -.infinity] {
            #expect(
                Passes([row(infinity, at: place)]) { $0.logCompress($1[0]) }.output.values[place]
                    == .infinity)
        }
    }

    /// The statistics carry a bad value into its whole group, and into no other one.
    @Test(arguments: [nil, .relu, .gelu] as [Activation?], [Float.nan, .infinity, -.infinity])
    func groupNorm(_ activation: Activation?, bad: Float) {
        let x = row(bad, at: 3 * 4 + 1, shape: [2, 3, 4])
        let passes = Passes([x, .random([4], 2), .random([4], 3)]) {
            $0.groupNorm($1[0], weight: $1[1], bias: $1[2], groups: 2, activation: activation)
        }
        for (index, y) in passes.output.values.enumerated() {
            #expect(y.isFinite == !(index >= 12 && index % 4 < 2))
        }
        for (index, dx) in (passes.gradients[0]?.values ?? []).enumerated() {
            #expect(dx.isFinite == !(index >= 12 && index % 4 < 2))
        }
        #expect(passes.gradients[1]?.firstNonFinite == 0)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func losses(bad: Float) {
        for place in [0, 7, 21] {
            let scores = row(bad, at: place, shape: [3, 11])
            let binary = Passes([scores]) { $0.binaryContrastiveLoss($1[0], negativeWeight: 1) }
            #expect(!binary.output.scalar.isFinite)
            let infoNCE = Passes([scores]) { $0.infoNCELoss($1[0]) }
            // −∞ says that a negative is surely wrong, and is no error.
            #expect(infoNCE.output.scalar.isFinite == (bad == -.infinity && place % 11 != 0))
            if bad.isNaN {
                #expect(binary.gradients[0]?.firstNonFinite == place)
                #expect(infoNCE.gradients[0]?.firstNonFinite == place / 11 * 11)
            }
        }
    }

    /// The choice has to be some codeword; the gradient and the perplexity tell that it means nothing.
    @Test(arguments: [Float.nan, .infinity, -.infinity], [1, 2, 5, 16, 37])
    func argmaxStaysInside(_ bad: Float, variables: Int) {
        for place in 0..<variables {
            let ids = argmax(row(bad, at: place, shape: [1, variables]), variables: variables)
            #expect((0..<Int32(variables)).contains(ids[0]))
        }
        let all = Tensor(zeros: [3, variables])
        all.fill(bad)
        #expect(argmax(all, variables: variables).allSatisfy { (0..<Int32(variables)).contains($0) })
    }

    @Test(arguments: places)
    func softmaxIsNotANumber(place: Int) {
        let logits = row(.nan, at: place, shape: [1, Self.count])
        let passes = Passes([logits]) { $0.softmaxPerplexity(logits: $1[0], groups: 1).0 }
        #expect(passes.output.scalar.isNaN)
        #expect(passes.gradients[0]?.values.allSatisfy(\.isNaN) == true)
        let hard = Passes([logits, .random([Self.count, 2], 2)]) {
            $0.gumbelStraightThrough(logits: $1[0], codebook: $1[1], groups: 1, noise: nil, temperature: 1)
                .quantized
        }
        #expect(hard.gradients[0]?.values.allSatisfy(\.isNaN) == true)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, 3e38], [1, 2, 16, 37])
    func nearestStaysInside(_ bad: Float, variables: Int) {
        let z = Tensor.random([3, 2], 1)
        z.pointer[2] = bad
        let codebook = Tensor.random([variables, 2], 2)
        let ids = nearestCodewords(z, codebook: codebook, groups: 1, variables: variables)
        #expect(ids.allSatisfy { (0..<Int32(variables)).contains($0) })
        let loss = Tape().codebookLoss(
            .constant(z), codebook: .constant(codebook), ids: ids, groups: 1, variables: variables,
            gamma: 0.25)
        #expect(!loss.value.scalar.isFinite)
        // A codeword that is not a number is never chosen beside others.
        codebook.fill(.nan)
        codebook.pointer[0] = 1
        codebook.pointer[1] = 1
        #expect(
            nearestCodewords(.random([4, 2], 3), codebook: codebook, groups: 1, variables: variables)
                == [0, 0, 0, 0])
    }

    @Test func productsAndSums() {
        let x = row(.nan, at: 5, shape: [1, 6, 2])
        let weight = Tensor.random([3, 2, 2], 2)
        let convolution = Passes([x, weight]) { $0.convolve($1[0], weight: $1[1], stride: 1) }
        #expect(convolution.output.firstNonFinite == 3)
        #expect(convolution.gradients[1]?.firstNonFinite != nil)
        let sum = Passes([x, .random([1, 6, 2], 3)]) { $0.residualSum($1[0], $1[1], scale: 1) }
        #expect(sum.output.firstNonFinite == 5)
    }
}
