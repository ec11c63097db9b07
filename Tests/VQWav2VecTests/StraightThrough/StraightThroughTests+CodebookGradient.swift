import Testing
import VQWav2Vec

extension StraightThroughTests {
    @Suite("2. The codebook's gradient: the chosen rows only")
    struct CodebookGradient {
        @Test("A codeword that no frame chose gets exactly zero", arguments: [true, false])
        func otherRows(isShared: Bool) {
            let problem = ChoiceProblem(isShared: isShared)
            let result = problem.run()
            let chosen = Set(
                zip(problem.choices, result.ids).map { problem.row($1, group: $0.group) })
            let rows = problem.codebook.count / problem.width
            #expect(chosen.count < rows, "the problem must leave codewords unchosen")
            for row in 0..<rows {
                let gradient = result.codebookGradient[row * problem.width..<(row + 1) * problem.width]
                #expect(gradient.allSatisfy { $0 == 0 } == !chosen.contains(row))
            }
        }

        @Test(
            "A chosen codeword gets the sum of ∂L/∂ẑ over the frames that chose it",
            arguments: [true, false])
        func chosenRows(isShared: Bool) {
            let problem = ChoiceProblem(isShared: isShared)
            let result = problem.run()
            var expected = [Double](repeating: 0, count: problem.codebook.count)
            for (index, choice) in problem.choices.enumerated() {
                let row = problem.row(result.ids[index], group: choice.group)
                for column in 0..<problem.width {
                    expected[row * problem.width + column] +=
                        Double(problem.upstream[index * problem.width + column])
                }
            }
            #expect(error(result.codebookGradient, expected) < 1e-6)
        }

        @Test("It is the true gradient: ẑ is linear in the codebook, and central differences agree")
        func centralDifferencesAgree() {
            let problem = ChoiceProblem()
            let differences = centralDifferences(problem.codebook.map(Double.init), step: 0.25) {
                let quantized = problem.run(codebook: $0.map(Float.init)).quantized
                return problem.choices.enumerated().reduce(0) { sum, choice in
                    sum + problem.score(of: quantized, row: choice.offset, choice.element)
                }
            }
            #expect(error(problem.run().codebookGradient, differences) < 1e-5)
        }

        @Test("The same in the whole model: rows of chosen codewords, with their frames' ∂L/∂ẑ")
        func wholeModel() throws {
            let model = try SmallModel.make(.gumbel)
            let step = try CutStep(model, open: .both)
            let book = try #require(model.quantizer).codebook.variable
            let width = book.shape[2]
            var expected = [Double](repeating: 0, count: book.value.count)
            let upstream = step.quantization.quantized.slopes
            for (index, id) in step.quantization.ids.enumerated() {
                for column in 0..<width {
                    expected[Int(id) * width + column] += Double(upstream[index * width + column])
                }
            }
            #expect(Set(step.quantization.ids).count < book.shape[1])
            #expect(error(book.slopes, expected) < 1e-5)
            #expect(zip(book.slopes, expected).allSatisfy { ($0 == 0) == ($1 == 0) })
        }
    }
}
