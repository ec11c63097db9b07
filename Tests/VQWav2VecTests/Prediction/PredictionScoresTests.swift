import OperationSupport
import Tensors
import Testing
import VQWav2Vec

@Suite struct PredictionScoresTests {
    struct Case: Sendable {
        let geometry: PredictionGeometry
        let channels: Int
        let own: Bool

        init(
            _ batch: Int, frames: Int, steps: Int, first: Int, negatives: Int, channels: Int,
            own: Bool = false
        ) {
            self.own = own
            geometry = PredictionGeometry(
                batch: batch, frames: frames, predictedSteps: steps, firstStep: first, negatives: negatives)
            self.channels = channels
        }

        /// Any frame of the batch, so negatives cross items, or of the same item.
        var negatives: [Int32] {
            var stream = RandomStream(seed: 3, purpose: .test)
            let (frames, count) = (geometry.frames, geometry.copies - 1)
            return (0..<geometry.batch * frames * count).map { index in
                let item = index / count / frames
                return own
                    ? Int32(item * frames + stream.nextInteger(below: frames))
                    : Int32(stream.nextInteger(below: geometry.batch * frames))
            }
        }
    }

    static let cases: [Case] = [
        Case(1, frames: 2, steps: 1, first: 1, negatives: 1, channels: 1),
        Case(2, frames: 9, steps: 4, first: 3, negatives: 5, channels: 7),
        Case(3, frames: 12, steps: 12, first: 1, negatives: 10, channels: 13),
        // Fewer steps than the model predicts, and none at all.
        Case(2, frames: 5, steps: 12, first: 3, negatives: 3, channels: 16),
        Case(2, frames: 4, steps: 12, first: 3, negatives: 2, channels: 33),
        Case(2, frames: 3, steps: 12, first: 3, negatives: 2, channels: 5),
        // Several tiles of frames and of channels.
        Case(2, frames: 200, steps: 3, first: 2, negatives: 4, channels: 33),
        Case(1, frames: 20, steps: 6, first: 3, negatives: 10, channels: 512),
        // As products with all frames of the item: several tiles, fewer steps than predicted, and none.
        Case(2, frames: 150, steps: 5, first: 3, negatives: 80, channels: 24, own: true),
        Case(3, frames: 6, steps: 12, first: 2, negatives: 9, channels: 8, own: true),
        Case(2, frames: 3, steps: 12, first: 3, negatives: 2, channels: 5, own: true),
    ]

    @Test(arguments: cases)
    func equalsItsDefinition(_ c: Case) {
        let (g, negatives) = (c.geometry, c.negatives)
        let predictions = Tensor.random([g.batch * g.frames, g.predictedSteps, c.channels], 1)
        let targets = Tensor.random([g.batch * g.frames, c.channels], 2)
        let passes = Passes([predictions, targets]) {
            $0.predictionScores($1[0], targets: $1[1], negatives: negatives, geometry: g)
        }
        #expect(passes.output.shape == [g.rows, g.copies])

        let pairs = pairs(c, negatives: negatives)
        #expect(pairs.count == g.rows * g.copies)
        let reference = BilinearReference(outputs: pairs.count) { add in
            for (score, pair) in pairs.enumerated() {
                for i in 0..<c.channels {
                    add(score, pair.prediction * c.channels + i, pair.candidate * c.channels + i)
                }
            }
        }
        expectClose(
            passes.output, reference.forward(predictions.doubles, targets.doubles), within: 1e-6, "scores")
        let gradients = reference.gradients(passes.seed.doubles, predictions.doubles, targets.doubles)
        expectClose(passes.gradients[0], gradients.x, within: 1e-6, "∂predictions")
        expectClose(passes.gradients[1], gradients.w, within: 1e-6, "∂targets")
    }

    /// Targets may be as wide as they like; scores come in fairseq's order: steps, items, frames, candidates.
    private func pairs(_ c: Case, negatives: [Int32]) -> [(prediction: Int, candidate: Int)] {
        let g = c.geometry
        var pairs: [(Int, Int)] = []
        for step in 0..<g.predictedSteps {
            for item in 0..<g.batch {
                for source in 0..<g.frames where source + g.firstStep + step < g.frames {
                    let target = item * g.frames + source + g.firstStep + step
                    let prediction = (item * g.frames + source) * g.predictedSteps + step
                    pairs.append((prediction, target))
                    for n in 0..<g.copies - 1 {
                        pairs.append((prediction, Int(negatives[target * (g.copies - 1) + n])))
                    }
                }
            }
        }
        return pairs
    }

    @Test func geometryCountsRows() {
        let g = PredictionGeometry(batch: 2, frames: 10, predictedSteps: 4, firstStep: 3, negatives: 10)
        #expect((g.steps, g.copies) == (4, 11))
        #expect((0..<4).map(g.rows(step:)) == [14, 12, 10, 8])
        #expect((0...4).map(g.firstRow(step:)) == [0, 14, 26, 36, 44])
        #expect(g.rows == 44)
        let short = PredictionGeometry(batch: 2, frames: 2, predictedSteps: 4, firstStep: 3, negatives: 10)
        #expect((short.steps, short.rows) == (0, 0))
    }
}
