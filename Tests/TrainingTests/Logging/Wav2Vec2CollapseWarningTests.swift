import Foundation
import Testing
import Training

@Suite struct Wav2Vec2CollapseWarningTests {
    private func line(
        loss: Double, perplexity: [Double] = [30, 30], excluded: Double = 0
    ) -> Wav2Vec2Figures {
        var figures = Wav2Vec2Figures(
            lossBits: loss, chanceBits: log2(101), accuracy: 0.01, maskedShare: 0.5, excludedShare: excluded)
        figures.perplexityPerGroup = perplexity
        figures.softmaxPerplexityPerGroup = perplexity
        figures.codebookSize = perplexity.isEmpty ? 0 : 320
        return figures
    }

    /// transformers#14387, fairseq#3661: both are told after three lines, each with a remedy, once.
    @Test func bothCollapses() throws {
        var warning = Wav2Vec2CollapseWarning()
        let lines = (0..<9).map { _ in warning.observe(line(loss: 6.657), gradientNorm: 2e-6) }
        #expect(lines.map { $0 != nil } == (0..<9).map { $0 == 2 })
        let equal = try #require(lines[2])
        #expect(equal.contains("the loss stands at log2(1 + negatives) = 6.66 bits"))
        #expect(equal.contains("schedule.learning_rate") && equal.contains("extractor.norm=layer"))

        // fairseq#3109.
        warning = Wav2Vec2CollapseWarning()
        var flat = line(loss: 6.658)
        flat.softmaxPerplexityPerGroup = [319.99, 319.99]
        #expect((0..<3).compactMap { _ in warning.observe(flat, gradientNorm: 0.1) } == [equal])

        let others = (0..<9).map { _ in
            warning.observe(line(loss: 0, perplexity: [1, 1.02], excluded: 0.996), gradientNorm: 1e-19)
        }
        #expect(others.map { $0 != nil } == (0..<9).map { $0 == 2 })
        let one = try #require(others[2])
        #expect(one.contains("one codeword per group: 100 % of the negatives"))
        #expect(one.contains("loss.diversity_weight"))
        for text in [equal, one] { #expect(text.count <= 280 && text.hasSuffix("see docs/collapse.md")) }
    }

    /// A run that has not left chance yet still has a gradient; one whose codes are few has not collapsed.
    @Test(arguments: [
        (6.657, [30.0, 30], 0.01, false), (6.657, [30, 30], 5e-4, true), (6.4, [30, 30], 5e-4, false),
        (6.657, [], 5e-4, true), (6.657, [], 0.5, false),
    ])
    func thresholds(loss: Double, perplexity: [Double], gradientNorm: Double, isCollapse: Bool) {
        var warning = Wav2Vec2CollapseWarning()
        let lines = (0..<3).map { _ in
            warning.observe(line(loss: loss, perplexity: perplexity), gradientNorm: gradientNorm)
        }
        #expect((lines.last != .some(nil)) == isCollapse)
    }

    /// Most negatives equal their positive, though codewords are few in all.
    @Test(arguments: [
        (320, [1.4, 1.0], 0.8, true), (320, [1.4, 1.0], 0.51, true), (320, [1.6, 1.3], 0.49, false),
        (2, [2.0], 0.6, false), (2, [1.2], 0.8, true), (2, [2.0, 2.0], 0.3, false),
    ])
    func equalNegatives(codewords: Int, perplexity: [Double], excluded: Double, isCollapse: Bool) {
        var warning = Wav2Vec2CollapseWarning()
        var figures = line(loss: 1, perplexity: perplexity, excluded: excluded)
        figures.codebookSize = codewords
        let lines = (0..<3).map { _ in warning.observe(figures, gradientNorm: 0.2) }
        #expect((lines.last != .some(nil)) == isCollapse)
    }

    /// Negatives that equal their positive are not among the candidates.
    @Test func fewerNegatives() {
        var warning = Wav2Vec2CollapseWarning()
        var figures = line(loss: log2(1 + 60))
        #expect((0..<3).allSatisfy { _ in warning.observe(figures, gradientNorm: 0) == nil })
        figures.excludedShare = 0.4
        #expect((0..<3).compactMap { _ in warning.observe(figures, gradientNorm: 0) }.count == 1)
    }

    @Test func aGoodLineBetweenStartsTheCountAgain() {
        var warning = Wav2Vec2CollapseWarning()
        for _ in 0..<4 {
            #expect(warning.observe(line(loss: 6.658), gradientNorm: 0) == nil)
            #expect(warning.observe(line(loss: 6.658), gradientNorm: 0) == nil)
            #expect(warning.observe(line(loss: 4), gradientNorm: 1) == nil)
        }
    }

    /// The live line has all of them.
    @Test func fields() {
        var figures = line(loss: 4.5, perplexity: [21.34, 20.76])
        figures.softmaxPerplexityPerGroup = [150.1, 160.2]
        (figures.diversityBits, figures.penaltyBits, figures.excludedShare) = (0.071, 1.5, 0.034)
        let text = (figures.fields + figures.minorFields).map(\.full).joined(separator: " | ")
        #expect(
            text == "loss 4.50 bits (chance 6.66) | acc 1.0 % | ppl 21.3+20.8/320, softmax 150.1+160.2 | "
                + "diversity 0.071 | penalty 1.5 | equal negatives 3.4 %, masked 50 %")
    }
}
