import Autodiff
import Foundation
import Layers
import Tensors
import Testing
import VQWav2Vec

extension StraightThroughTests {
    @Suite("5. The diversity loss of wav2vec 2.0: a second door, which needs no ẑ")
    struct DiversityLoss {
        @Test("Prediction loss detached from ẑ: it still moves logits and encoder, the codebook not at all")
        func secondDoor() throws {
            let model = try SmallModel.make(.gumbel)
            let codebook = try #require(model.quantizer).codebook.variable
            let without = try CutStep(model, open: [])
            #expect(without.quantization.codebookInput.isStill)
            #expect(model.moved["encoder"] == .nothing)

            let with = try CutStep(model, open: [], losses: QuantizerLosses(diversityWeight: 0.1))
            #expect(with.quantization.codebookInput.slopes.allSatisfy { $0 != 0 })
            #expect(model.moved["encoder"] == .all)
            #expect(with.quantization.quantized.isStill, "ẑ takes no part")
            #expect(codebook.isStill)
            #expect(model.moved["quantizer"] == .some, "the maps to the logits, not the codebook")
        }

        @Test("It sees neither noise nor temperature nor choice, only the noise-free logits")
        func noNoise() throws {
            let model = try SmallModel.make(.gumbel)
            let losses = QuantizerLosses(diversityWeight: 0.1)
            let first = try CutStep(model, open: [], losses: losses, temperature: 2)
            let second = try CutStep(
                model, open: [], losses: losses, noise: SmallModel.noise(update: 1), temperature: 0.5)
            #expect(first.quantization.ids != second.quantization.ids)
            let slopes = [first, second].map(\.quantization.codebookInput.slopes)
            #expect(distance(slopes[0], slopes[1]) == 0)
        }

        @Test("It is an ordinary gradient: central differences of Σ exp(H(p̄)), p̄ the batch's mean softmax(l)")
        func centralDifferencesAgree() {
            let (frames, groups, variables) = (6, 2, 5)
            let values = normal(frames * groups * variables, item: 11)
            let logits = Variable.parameter(Tensor(values, shape: [frames, groups * variables]))
            let tape = Tape()
            tape.backward(from: tape.softmaxPerplexity(logits: logits, groups: groups).0)

            let differences = centralDifferences(values.map(Double.init)) { logits in
                (0..<groups).reduce(0) { sum, group in
                    var mean = [Double](repeating: 0, count: variables)
                    for frame in 0..<frames {
                        let first = (frame * groups + group) * variables
                        let p = softmax(Array(logits[first..<first + variables]), temperature: 1)
                        for id in 0..<variables { mean[id] += p[id] / Double(frames) }
                    }
                    return sum + exp(-mean.reduce(0) { $0 + $1 * log($1 + 1e-7) })
                }
            }
            #expect(error(logits.slopes, differences) < 1e-5)
        }

        @Test("The two doors add up: ∂L/∂l is what comes through ẑ plus what comes from the diversity loss")
        func doorsAddUp() throws {
            let model = try SmallModel.make(.gumbel)
            let losses = QuantizerLosses(diversityWeight: 0.1)
            let whole = try CutStep(model, open: .both, losses: losses).quantization
            let prediction = try CutStep(model, open: .both).quantization
            let diversity = try CutStep(model, open: [], losses: losses).quantization
            let sum = zip(prediction.codebookInput.slopes, diversity.codebookInput.slopes).map {
                Double($0) + Double($1)
            }
            #expect(error(whole.codebookInput.slopes, sum) < 1e-6)
            let change = distance(whole.quantized.slopes, prediction.quantized.slopes)
            #expect(change == 0, "∂L/∂ẑ knows nothing of it")
        }
    }
}
