import Autodiff
import Foundation
import Layers
import OperationSupport
import Tensors
import Testing
import Wav2Vec2

/// Which losses reach what, and on which ways, in the real model: docs/straight-through.md in tests.
@Suite struct GradientPathTests {
    @Test("The step that is cut up is the model's own: the same gradient of every parameter")
    func nothingIsMissingFromTheCutStep() throws {
        let model = try SmallModel.make()
        let losses = Wav2Vec2Losses(diversityWeight: 0.1, penaltyWeight: 10)
        _ = try CutStep(model, losses: losses, temperature: 0.7)
        let cut = model.parameters.map { $0.variable.slopes }
        for parameter in model.parameters { parameter.variable.clearGradient() }
        let tape = Tape()
        // Drawn apart, as there.
        let task = try model.configuration.drawTask(
            frames: model.configuration.frames(samples: SmallModel.samples), lengths: nil,
            items: SmallModel.batch, noise: SmallModel.noise())
        let step = try model.step(
            SmallModel.waveforms, task: task, temperature: 0.7, losses: losses, noise: SmallModel.noise(),
            on: tape)
        tape.backward(from: step.loss)
        for (parameter, cut) in zip(model.parameters, cut) {
            #expect(error(cut, parameter.variable.slopes.map(Double.init)) < 1e-5, "\(parameter.name)")
        }
    }

    @Test("The noise is a constant on the way back: ∂L/∂l = (1/τ)(diag p − p pᵀ) E g, p = softmax((l + n)/τ)")
    func noiseIsConstant() throws {
        let model = try SmallModel.make()
        let temperature = 0.7
        let step = try CutStep(model, open: .both, temperature: temperature)
        let (groups, variables) = (2, 20)
        // As many draws as before: the task has its own.
        let noise = try #require(SmallModel.noise().gumbelNoise(shape: step.logits.shape)).doubles
        let logits = step.logits.value.doubles
        let codebook = try #require(model.quantizer).codebook.variable.value
        let width = codebook.shape[2]
        let upstream = step.quantization.quantized.slopes
        var expected: [Double] = []
        for row in 0..<step.logits.shape[0] * groups {
            let group = row % groups
            let values = (0..<variables).map { v -> Double in
                (logits[row * variables + v] + noise[row * variables + v]) / temperature
            }
            #expect(values.firstIndex(of: values.max() ?? 0) == Int(step.quantization.ids[row]))
            let p = softmax(values)
            let asked = (0..<variables).map { v -> Double in
                let codeword = (group * variables + v) * width
                return (0..<width).reduce(0.0) { sum, c in
                    sum + Double(codebook.pointer[codeword + c]) * Double(upstream[row * width + c])
                }
            }
            let mean = zip(p, asked).reduce(0) { $0 + $1.0 * $1.1 }
            expected += zip(p, asked).map { $0 * ($1 - mean) / temperature }
        }
        #expect(error(step.logits.slopes, expected) < 1e-5)
    }

    @Test("The contrastive loss reaches logits and codebook through targets and negatives alone")
    func onlyThroughTargets() throws {
        let model = try SmallModel.make()
        let quantizer = try #require(model.quantizer)
        let detached = try CutStep(model, open: .context)
        #expect(detached.logits.isStill && detached.quantization.quantized.isStill)
        #expect(quantizer.parameters.allSatisfy { $0.variable.isStill })

        let open = try CutStep(model, open: .targets)
        #expect(open.logits.slopes.allSatisfy { $0 != 0 }, "every logit of every masked frame moves")
        let codebook = quantizer.codebook.variable
        let width = codebook.shape[2]
        let chosen = Set(open.quantization.ids.enumerated().map { Int($1) + $0 % 2 * 20 })
        let moved = (0..<40).filter { row in
            codebook.slopes[row * width..<(row + 1) * width].contains { $0 != 0 }
        }
        #expect(Set(moved) == chosen, "codewords that were chosen, and no other")
        #expect(chosen.count < 40)

        // Both ways together are the sum: there is no third.
        let logits = open.logits.slopes
        let whole = try CutStep(model, open: .both)
        #expect(error(whole.logits.slopes, logits.map(Double.init)) < 1e-5)
    }

    @Test(
        "The diversity loss needs no chosen vector, no noise, no temperature, and leaves the codebook alone")
    func diversityLoss() throws {
        let model = try SmallModel.make()
        let quantizer = try #require(model.quantizer)
        let losses = Wav2Vec2Losses(diversityWeight: 0.1, penaltyWeight: 0)
        let first = try CutStep(model, hasContrastiveLoss: false, losses: losses, temperature: 2)
        #expect(first.logits.slopes.contains { $0 != 0 })
        #expect(first.quantization.quantized.isStill, "the chosen vectors take no part")
        #expect(quantizer.codebook.variable.isStill, "exactly zero")
        #expect(quantizer.projections[0].weight.variable.slopes.contains { $0 != 0 })
        let second = try CutStep(
            model, hasContrastiveLoss: false, losses: losses, update: 1, temperature: 0.5)
        #expect(first.quantization.ids != second.quantization.ids, "other noise")
        #expect(first.logits.slopes == second.logits.slopes)
    }

    @Test(
        "The diversity loss is (G·V − Σ perplexity)/(G·V), perplexity that of the mean softmax of the logits")
    func diversityIsNormalised() throws {
        let model = try SmallModel.make()
        let losses = Wav2Vec2Losses(diversityWeight: 0.1, penaltyWeight: 0)
        let step = try CutStep(model, hasContrastiveLoss: false, losses: losses)
        let (groups, variables, rows) = (2, 20, step.positives)
        func diversity(_ logits: [Double]) -> Double {
            let sum = (0..<groups).reduce(0.0) { sum, group in
                var mean = [Double](repeating: 0, count: variables)
                for row in 0..<rows {
                    let start = (row * groups + group) * variables
                    for (v, p) in softmax(logits[start..<start + variables]).enumerated() {
                        mean[v] += p / Double(rows)
                    }
                }
                return sum + exp(-mean.reduce(0) { $0 + $1 * log($1 + 1e-7) })
            }
            return 0.1 * Double(rows) * (40 - sum) / 40
        }
        let logits = step.logits.value.doubles
        let whole = try model.step(
            SmallModel.waveforms, temperature: 1, losses: losses, noise: SmallModel.noise(),
            on: Tape(recording: false))
        #expect(whole.quantization?.codebookInput.value.values == step.logits.value.values)
        #expect(abs(whole.diversityLoss - diversity(logits)) < 1e-4 * whole.diversityLoss)
        let total = Double(whole.contrastiveLoss.value.scalar) + whole.diversityLoss
        #expect(abs(Double(whole.loss.value.scalar) - total) < 1e-5 * total)
        let differences = centralDifferences(at: [logits], seed: [1]) { [diversity($0[0])] }
        #expect(error(step.logits.slopes, differences[0]) < 1e-3)
    }

    @Test("The transformer's way reaches the extractor past the quantizer")
    func pastTheQuantizer() throws {
        let model = try SmallModel.make()
        let step = try CutStep(model, open: .context)
        #expect(step.logits.isStill)
        #expect(model.extractor.parameters.allSatisfy { !$0.variable.isStill })
        #expect(model.transformer.parameters.allSatisfy { $0.variable.gradient != nil })
        // With both cut, nothing gets there.
        _ = try CutStep(model, open: [])
        #expect(model.extractor.parameters.allSatisfy { $0.variable.isStill })
    }

    @Test("The feature penalty too is scaled by the extractor's factor, and with 0 there is none")
    func penaltyIsScaled() throws {
        let losses = Wav2Vec2Losses(diversityWeight: 0, penaltyWeight: 10)
        func slopes(_ scale: Double) throws -> (features: [Float], weight: [Float]) {
            let model = try SmallModel.make { $0.extractor.gradientScale = scale }
            let step = try CutStep(model, open: [], hasContrastiveLoss: false, losses: losses)
            // The penalty is taken before the layer norm, behind the factor.
            #expect(model.norm.parameters.allSatisfy { $0.variable.isStill })
            return (step.scaled.slopes, model.extractor.blocks[0].weight.variable.slopes)
        }
        let (whole, tenth, none) = (try slopes(1), try slopes(0.1), try slopes(0))
        #expect(whole.weight.contains { $0 != 0 })
        #expect(
            error(tenth.features, whole.features.map(Double.init)) == 0, "ahead of the factor all is the same"
        )
        #expect(error(tenth.weight, whole.weight.map { 0.1 * Double($0) }) < 1e-5)
        #expect(none.weight.allSatisfy { $0 == 0 })
    }
}
