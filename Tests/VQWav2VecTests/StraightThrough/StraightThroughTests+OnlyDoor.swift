import Autodiff
import Layers
import Tensors
import Testing
import VQWav2Vec

extension StraightThroughTests {
    @Suite("4. The chosen codewords are the only door: without ∂L/∂ẑ nothing behind them learns")
    struct OnlyDoor {
        @Test("With ∂L/∂ẑ = 0 logits and codebook get exactly zero", arguments: [0.1, 1, 2] as [Float])
        func zeroUpstream(temperature: Float) {
            let problem = ChoiceProblem()
            let zero = [Float](repeating: 0, count: problem.upstream.count)
            let result = problem.run(temperature: temperature, upstream: zero)
            #expect(result.logitsGradient.count == problem.logits.count)
            #expect(result.codebookGradient.count == problem.codebook.count)
            #expect((result.logitsGradient + result.codebookGradient).allSatisfy { $0 == 0 })
        }

        @Test(
            "The step that these tests put together from the model's parts is the model's own",
            arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
        func composition(kind: QuantizerConfiguration.Kind) throws {
            let model = try SmallModel.make(kind)
            let losses = QuantizerLosses(kmeansWeight: 1, diversityWeight: 0.1)
            let composed = try CutStep(model, open: .both, losses: losses)
            let gradients = model.parameters.flatMap(\.variable.slopes)

            for parameter in model.parameters { parameter.variable.clearGradient() }
            let tape = Tape(keepingGradients: true)
            let own = try model.step(
                Tensor(SmallModel.waveforms, shape: [SmallModel.batch, SmallModel.samples]), temperature: 1,
                losses: losses, noise: SmallModel.noise(), on: tape)
            tape.backward(from: own.loss)
            #expect(composed.loss.value.scalar == own.loss.value.scalar)
            #expect(distance(gradients, model.parameters.flatMap(\.variable.slopes)) == 0)
        }

        @Test("Prediction loss detached from ẑ: logits, codebook and encoder get exactly zero")
        func bothPathsCut() throws {
            let model = try SmallModel.make(.gumbel)
            let whole = try CutStep(model, open: .both)
            #expect(model.moved["encoder"] == .all && model.moved["quantizer"] == .all)

            let cut = try CutStep(model, open: [])
            #expect(cut.loss.value.scalar == whole.loss.value.scalar, "the loss itself is the same")
            #expect(cut.quantization.quantized.isStill)
            #expect(cut.quantization.codebookInput.isStill, "logits")
            #expect(model.moved["encoder"] == .nothing && model.moved["quantizer"] == .nothing)
            #expect(model.moved["aggregator"] == .all && model.moved["prediction"] == .all)
        }

        @Test(
            "Each path alone moves logits, codebook and encoder",
            arguments: [("ẑ as target or negative", Paths.targets), ("through the aggregator", .aggregator)])
        func onePath(name: String, path: Paths) throws {
            let model = try SmallModel.make(.gumbel)
            let step = try CutStep(model, open: path)
            #expect(!step.quantization.quantized.isStill)
            let logits = step.quantization.codebookInput
            #expect(logits.slopes.contains { $0 != 0 }, "\(name)")
            #expect(model.moved["quantizer"] == .all && model.moved["encoder"] == .all)
        }

        @Test("As target or negative: a frame that is neither gets exactly zero, a negative alone moves")
        func targetsAndNegatives() throws {
            let model = try SmallModel.make(.gumbel)
            // The first targets are four frames ahead, so no frame before is one. Frame 1 of each item is
            // made its only negative.
            let prediction = model.configuration.prediction
            let frames = model.configuration.frames(samples: SmallModel.samples)
            let negatives = (0..<SmallModel.batch).flatMap { item in
                [Int32](repeating: Int32(item * frames + 1), count: frames * prediction.negatives)
            }
            let step = try CutStep(
                model, open: .targets, noise: SmallModel.noise(negatives: negatives))
            let upstream = step.quantization.quantized.slopes
            let logits = step.quantization.codebookInput.slopes
            let channels = upstream.count / (SmallModel.batch * frames)
            let width = logits.count / (SmallModel.batch * frames)
            for item in 0..<SmallModel.batch {
                for frame in 0..<frames {
                    let row = item * frames + frame
                    let isCandidate = frame == 1 || frame >= prediction.offset
                    let own = upstream[row * channels..<(row + 1) * channels]
                    #expect(own.contains { $0 != 0 } == isCandidate, "frame \(frame)")
                    let moved = logits[row * width..<(row + 1) * width]
                    #expect(moved.contains { $0 != 0 } == isCandidate, "frame \(frame)")
                }
            }
        }

        @Test("The two paths add up to the whole gradient: there is no third")
        func pathsAddUp() throws {
            let model = try SmallModel.make(.gumbel)
            let trained = model.parts.filter { ["encoder", "quantizer"].contains($0.name) }
                .flatMap(\.parameters)
            func gradients(_ paths: Paths) throws -> [[Float]] {
                let step = try CutStep(model, open: paths)
                return [step.quantization.quantized.slopes, step.quantization.codebookInput.slopes]
                    + trained.map(\.variable.slopes)
            }
            let (whole, targets, context) = try (
                gradients(.both), gradients(.targets), gradients(.aggregator)
            )
            for index in whole.indices {
                let sum = zip(targets[index], context[index]).map { Double($0) + Double($1) }
                #expect(error(whole[index], sum) < 1e-4)
            }
        }
    }
}
