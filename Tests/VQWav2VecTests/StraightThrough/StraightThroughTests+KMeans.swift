import Autodiff
import Layers
import Tensors
import Testing
import VQWav2Vec

extension StraightThroughTests {
    @Suite("6. K-means: ∂L/∂ẑ is copied past the codebook, which learns from a loss of its own")
    struct KMeans {
        let frames = 24
        let groups = 2
        let variables = 8
        let width = 5
        let z: [Float]
        let codebook: [Float]
        let upstream: [Float]

        init() {
            z = normal(frames * groups * width, item: 21)
            codebook = normal(groups * variables * width, item: 22)
            upstream = normal(frames * groups * width, item: 23)
        }

        /// Forward and backward of ⟨g, ẑ⟩, plus the codebook loss where γ is given.
        private func run(gamma: Float?, upstreamScale: Float = 1) -> (
            z: Variable, codebook: Variable, quantized: [Float], ids: [Int32]
        ) {
            let tape = Tape()
            let frame = Variable.parameter(Tensor(z, shape: [frames, groups * width]))
            let book = Variable.parameter(Tensor(codebook, shape: [groups * variables, width]))
            let (quantized, ids) = tape.nearestCodeword(
                frame, codebook: book, groups: groups, variables: variables)
            let g = Tensor(upstream.map { upstreamScale * $0 }, shape: [1, upstream.count])
            let seen = tape.linear(tape.reshape(quantized, [1, upstream.count]), weight: .constant(g))
            var terms = [(seen, weight: Float(1))]
            if let gamma {
                let loss = tape.codebookLoss(
                    frame, codebook: book, ids: ids, groups: groups, variables: variables, gamma: gamma)
                terms.append((loss, weight: 1))
            }
            tape.backward(from: tape.weightedSum(terms))
            return (frame, book, quantized.value.values, ids)
        }

        @Test("The frame gets ∂L/∂ẑ, bit for bit; the codebook gets nothing from it")
        func copied() {
            let result = run(gamma: nil)
            #expect(distance(result.z.slopes, upstream) == 0)
            #expect(result.codebook.isStill)
        }

        @Test("The codebook loss adds the commitment term 2γ(z − ẑ)/M to the frame", arguments: [0, 0.25, 1])
        func commitment(gamma: Double) {
            let result = run(gamma: Float(gamma))
            let expected = z.indices.map { index in
                Double(upstream[index])
                    + 2 * gamma * (Double(z[index]) - Double(result.quantized[index])) / Double(z.count)
            }
            #expect(error(result.z.slopes, expected) < 1e-6)
            // The same without the copy, whose size would hide an error of the commitment term.
            let alone = run(gamma: Float(gamma), upstreamScale: 0)
            let term = zip(expected, upstream).map { $0 - Double($1) }
            if gamma > 0 { #expect(error(alone.z.slopes, term) < 1e-5) } else { #expect(alone.z.isStill) }
        }

        @Test("The codebook's gradient is Σ 2(ẑ − z)/M over the frames that chose the codeword, nothing else")
        func codebookLossAlone() {
            let result = run(gamma: 0.25)
            var expected = [Double](repeating: 0, count: codebook.count)
            for index in 0..<frames * groups {
                let row = index % groups * variables + Int(result.ids[index])
                for column in 0..<width {
                    let difference =
                        Double(codebook[row * width + column]) - Double(z[index * width + column])
                    expected[row * width + column] += 2 * difference / Double(z.count)
                }
            }
            #expect(error(result.codebook.slopes, expected) < 1e-5)
            for scale in [0, 1000] as [Float] {
                let other = run(gamma: 0.25, upstreamScale: scale).codebook.slopes
                #expect(distance(other, result.codebook.slopes) == 0)
            }
        }

        @Test("In the whole model: frames get the copy plus commitment, the codebook its own loss alone")
        func wholeModel() throws {
            let model = try SmallModel.make(.kmeans)
            let codebook = try #require(model.quantizer).codebook.variable
            let losses = QuantizerLosses(kmeansWeight: 1)
            let whole = try CutStep(model, open: .both, losses: losses)
            let learned = codebook.slopes
            let frames = whole.quantization.codebookInput
            let quantized = whole.quantization.quantized
            let scale = 2 * 0.25 * Double(whole.positives) / Double(frames.value.count)
            let expected = frames.value.values.indices.map { index in
                Double(quantized.slopes[index])
                    + scale * (Double(frames.value.values[index]) - Double(quantized.value.values[index]))
            }
            #expect(error(frames.slopes, expected) < 1e-5)

            let cut = try CutStep(model, open: [], losses: losses)
            #expect(distance(codebook.slopes, learned) == 0 && !codebook.isStill)
            #expect(distance(cut.quantization.codebookInput.slopes, frames.slopes) > 0)

            let alone = try CutStep(model, open: .both).quantization
            #expect(codebook.isStill, "without its loss the codebook gets nothing")
            #expect(distance(alone.codebookInput.slopes, alone.quantized.slopes) == 0)
        }
    }
}
