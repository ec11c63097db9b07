import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct ContrastiveLossTests {
    static let shapes = [(1, 1), (1, 2), (7, 11), (13, 16), (5, 33), (3000, 11)]

    @Test(arguments: shapes, [1, 0.1] as [Float])
    func binary(_ shape: (Int, Int), negativeWeight: Float) {
        let scores = Tensor.random([shape.0, shape.1], 1)
        for index in 0..<scores.count { scores.pointer[index] *= 3 }
        let passes = Passes([scores]) { $0.binaryContrastiveLoss($1[0], negativeWeight: negativeWeight) }
        let (loss, gradient) = binaryReference(
            scores.doubles, copies: shape.1, weight: Double(negativeWeight))
        expectClose(passes.output, [loss], within: 2e-7, "loss")
        expectClose(
            passes.gradients[0], gradient.map { $0 * Double(passes.seed.scalar) }, within: 3e-7, "∂scores")
    }

    /// Large scores neither overflow nor lose the gradient's sign.
    @Test func binaryOfLargeScores() {
        let scores = Tensor([-1e30, 1e30, -500, 500, -90, 90, 1e4, -1e4, 0, 0] as [Float], shape: [5, 2])
        let passes = Passes([scores]) { $0.binaryContrastiveLoss($1[0], negativeWeight: 1) }
        let (loss, gradient) = binaryReference(scores.doubles, copies: 2, weight: 1)
        expectClose(passes.output, [loss], within: 1e-7)
        expectClose(
            passes.gradients[0], gradient.map { $0 * Double(passes.seed.scalar) }, within: 1e-7, "∂scores")
    }

    /// All scores zero: one bit for each candidate, 11 bits for ten negatives.
    @Test func chanceLevel() {
        let loss = Tape().binaryContrastiveLoss(.constant(Tensor(zeros: [4, 11])), negativeWeight: 1).value
            .scalar
        #expect(abs(Double(loss) / log(2) - 44) < 1e-5)
    }

    @Test(arguments: shapes)
    func infoNCE(_ shape: (Int, Int)) {
        let scores = Tensor.random([shape.0, shape.1], 1)
        for index in 0..<scores.count { scores.pointer[index] *= 3 }
        let passes = Passes([scores]) { $0.infoNCELoss($1[0]) }
        let values = scores.doubles
        var (loss, gradient) = (0.0, [Double]())
        for row in 0..<shape.0 {
            let p = softmax(values[row * shape.1..<(row + 1) * shape.1])
            loss -= log(p[0])
            gradient += p.enumerated().map { ($1 - ($0 == 0 ? 1 : 0)) * Double(passes.seed.scalar) }
        }
        expectClose(passes.output, [loss], within: 3e-7, "loss")
        // p − 1 is off by half a unit of p, however small it is.
        let scale = Double(abs(passes.seed.scalar))
        expectClose(passes.gradients[0], gradient, within: 3e-7, of: scale, "∂scores")
    }

    @Test func infoNCEOfLargeScores() {
        let scores = Tensor([1e4, -1e4, -1e4, 1e4] as [Float], shape: [2, 2])
        let passes = Passes([scores]) { $0.infoNCELoss($1[0]) }
        #expect(passes.output.values == [2e4])
        let seed = passes.seed.scalar
        expectClose(passes.gradients[0], [0, 0, Double(-seed), Double(seed)], within: 1e-7)
    }
}

/// Σ −log σ(s₀) − w Σ log σ(−s_n), and its gradient.
private func binaryReference(
    _ scores: [Double], copies: Int, weight: Double
) -> (loss: Double, gradient: [Double]) {
    var (loss, gradient) = (0.0, [Double]())
    for (index, score) in scores.enumerated() {
        let isTrue = index % copies == 0
        // −log σ(a) = log(1 + e^−a)
        let argument = isTrue ? score : -score
        let w = isTrue ? 1 : weight
        loss += w * (argument < -700 ? -argument : log1p(exp(-argument)))
        gradient.append((isTrue ? -1 : 1) * w / (1 + exp(argument)))
    }
    return (loss, gradient)
}
