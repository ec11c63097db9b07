import Testing
import VQWav2Vec

extension StraightThroughTests {
    @Suite("3. The logits' gradient: the true gradient of the softmax, which the loss never uses")
    struct LogitsGradient {
        @Test(
            "It is (1/τ)(diag p − ppᵀ) E ∂L/∂ẑ, p = softmax((l + n)/τ)",
            arguments: [0.1, 0.5, 1, 2] as [Float], [true, false])
        func formula(temperature: Float, isShared: Bool) {
            let problem = ChoiceProblem(isShared: isShared)
            let tau = Double(temperature)
            let expected = problem.choices.flatMap { choice in
                throughSoftmax(
                    problem.codewordSlopes(choice),
                    p: softmax(problem.noisyLogits(choice), temperature: tau), temperature: tau)
            }
            #expect(error(problem.run(temperature: temperature).logitsGradient, expected) < 1e-5)
        }

        @Test("It reaches every logit of a frame, not only that of the chosen codeword")
        func everyLogit() {
            let problem = ChoiceProblem()
            let result = problem.run()
            #expect(result.logitsGradient.count == problem.logits.count)
            #expect(result.logitsGradient.allSatisfy { $0 != 0 })
        }

        @Test("Logits rise for codewords that would have been better for the loss than p's average")
        func betterCodewordsRise() {
            let problem = ChoiceProblem()
            let gradient = problem.run().logitsGradient
            for choice in problem.choices {
                let slopes = problem.codewordSlopes(choice)
                let average = problem.softScore(
                    noisyLogits: problem.noisyLogits(choice), slopes: slopes, temperature: 1)
                for (id, slope) in slopes.enumerated() where abs(slope - average) > 1e-4 {
                    #expect((gradient[problem.firstLogit(choice) + id] < 0) == (slope < average))
                }
            }
        }

        @Test(
            "It equals central differences of the soft relaxation ⟨∂L/∂ẑ, Eᵀp⟩ with the noise held fixed",
            arguments: [0.1, 0.5, 1, 2] as [Float])
        func softCentralDifferences(temperature: Float) {
            let problem = ChoiceProblem()
            let differences = problem.choices.flatMap { choice in
                let slopes = problem.codewordSlopes(choice)
                return centralDifferences(problem.noisyLogits(choice)) {
                    problem.softScore(noisyLogits: $0, slopes: slopes, temperature: Double(temperature))
                }
            }
            #expect(error(problem.run(temperature: temperature).logitsGradient, differences) < 1e-5)
        }

        @Test("Central differences of the hard forward pass are zero almost everywhere")
        func hardCentralDifferences() {
            let problem = ChoiceProblem()
            let step: Float = 1e-3
            var (flat, total) = (0, 0)
            for id in 0..<problem.variables {
                // One logit of every frame and group at a time: they do not see each other.
                let up = hardScores(problem) { $0[id] += step }
                let down = hardScores(problem) { $0[id] -= step }
                for (index, choice) in problem.choices.enumerated() {
                    let best = problem.noisyLogits(choice).sorted().suffix(2)
                    let margin = (best.last ?? 0) - (best.first ?? 0)
                    let difference = up[index] - down[index]
                    if margin > 2 * Double(step) { #expect(difference == 0) }
                    flat += difference == 0 ? 1 : 0
                    total += 1
                }
            }
            #expect(Double(flat) > 0.99 * Double(total))
        }

        @Test("Where the choice flips the hard forward pass jumps: there is no slope to follow")
        func hardJumps() {
            let problem = ChoiceProblem()
            let before = hardScores(problem) { _ in }
            for (index, choice) in problem.choices.enumerated() {
                let noisy = problem.noisyLogits(choice)
                let ranking = noisy.indices.sorted { noisy[$0] > noisy[$1] }
                let (first, second) = (ranking[0], ranking[1])
                let margin = Float(noisy[first] - noisy[second])
                let slopes = problem.codewordSlopes(choice)
                let short = hardScores(problem) { $0[second] += margin - 1e-5 }
                let past = hardScores(problem) { $0[second] += margin + 1e-5 }
                #expect(short[index] == before[index])
                #expect(abs(past[index] - before[index] - (slopes[second] - slopes[first])) < 1e-5)
            }
        }

        @Test("In the whole model the loss does not feel a small step of the logits; their gradient is there")
        func wholeModelIsFlat() throws {
            let model = try SmallModel.make(.gumbel)
            let name = "vector_quantizer.weight_proj.1.bias"
            let bias = try #require(model.parameters.first { $0.name == name })
            let before = try CutStep(model, open: .both)
            let gradient = bias.variable.slopes
            // Along the gradient, and so small that no choice flips.
            for index in 0..<bias.count { bias.variable.value.pointer[index] -= 1e-6 * gradient[index] }
            let after = try CutStep(model, open: .both)
            let logits = [before, after].map(\.quantization.codebookInput.value.values)
            #expect(distance(logits[0], logits[1]) > 0)
            #expect(after.loss.value.scalar == before.loss.value.scalar)
            #expect(gradient.allSatisfy { $0 != 0 })
        }

        /// ⟨g, ẑ⟩ of every choice after a change of its logits.
        private func hardScores(
            _ problem: ChoiceProblem, _ change: (inout ArraySlice<Float>) -> Void
        ) -> [Double] {
            var logits: [Float] = []
            for choice in problem.choices {
                let first = problem.firstLogit(choice)
                var own = [Float](problem.logits[first..<first + problem.variables])[...]
                change(&own)
                logits += own
            }
            let quantized = problem.run(logits: logits).quantized
            return problem.choices.enumerated().map {
                problem.score(of: quantized, row: $0.offset, $0.element)
            }
        }
    }
}
