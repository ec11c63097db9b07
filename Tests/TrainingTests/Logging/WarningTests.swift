import Checkpoints
import Testing
import Training
import VQWav2Vec

@Suite struct CollapseWarningTests {
    private func line(_ perplexity: [Double], _ distinct: [Int], of size: Int = 64) -> PredictionFigures {
        var figures = figures()
        (figures.perplexityPerGroup, figures.distinctCodesPerGroup) = (perplexity, distinct)
        figures.codebookSize = size
        return figures
    }

    private func configuration(_ kind: QuantizerConfiguration.Kind) -> RunConfiguration {
        var configuration = RunConfiguration()
        configuration.model.quantizer.kind = kind
        return configuration
    }

    @Test func warnsOnceForEachCollapse() {
        var warning = CollapseWarning(configuration(.kmeans))
        let (good, bad) = (line([20, 20], [40, 40]), line([20, 1.04], [40, 2]))
        #expect(warning.observe(bad) == nil)
        #expect(warning.observe(bad) == nil)
        #expect(
            warning.observe(bad)
                == "codebook collapse: group 2 of 2 uses 2 of 64 codewords (perplexity 1.0); try "
                + "codebook.initialize_from_data=true, codebook.restart_after_updates=100, "
                + "a lower schedule.learning_rate; see docs/collapse.md")
        for _ in 0..<10 { #expect(warning.observe(bad) == nil) }
        #expect(warning.observe(good) == nil)
        #expect(warning.observe(bad) == nil)
        #expect(warning.observe(bad) == nil)
        #expect(warning.observe(bad) != nil)
    }

    @Test func aGoodLineBetweenStartsTheCountAgain() {
        var warning = CollapseWarning(configuration(.gumbel))
        for _ in 0..<5 {
            #expect(warning.observe(line([1, 1], [1, 1])) == nil)
            #expect(warning.observe(line([1, 1], [1, 1])) == nil)
            #expect(warning.observe(line([9, 9], [20, 20])) == nil)
        }
    }

    @Test(arguments: [
        ([1.9, 9], [10, 20], 64, true), ([2.1, 9], [10, 20], 64, false), ([9, 9], [3, 20], 64, true),
        ([9, 9], [4, 20], 64, false), ([9, 9], [15, 20], 320, true), ([9, 9], [16, 20], 320, false),
        ([1.5, 1.5], [2, 2], 2, false), ([1.05, 1.5], [2, 2], 2, true), ([], [], 0, false),
    ])
    func thresholds(perplexity: [Double], distinct: [Int], size: Int, collapsed: Bool) {
        var warning = CollapseWarning(configuration(.gumbel))
        let results = (0..<3).map { _ in warning.observe(line(perplexity, distinct, of: size)) }
        #expect((results.last != .some(nil)) == collapsed)
    }

    @Test func remediesInUseAreNotNamed() throws {
        var run = configuration(.gumbel)
        func text() throws -> String {
            var warning = CollapseWarning(run)
            return try #require((0..<3).compactMap { _ in warning.observe(line([1, 1], [1, 1])) }.first)
        }
        #expect(
            try text().hasSuffix(
                "; try codebook.initialize_from_data=true, loss.diversity_weight=0.001, "
                    + "a lower schedule.learning_rate; see docs/collapse.md"))
        run.loss.diversityWeight = 0.1
        run.codebook.initializeFromData = true
        #expect(try text().hasSuffix("; try a lower schedule.learning_rate; see docs/collapse.md"))
        run = configuration(.kmeans)
        run.codebook.initializeFromData = true
        #expect(
            try text().hasSuffix(
                "; try codebook.restart_after_updates=100, a lower schedule.learning_rate; see docs/collapse.md"
            ))
    }
}

@Suite struct DivergenceWarningTests {
    @Test func warnsOnceForEachDivergence() throws {
        let (folder, screen) = (try LogFolder(), Screen())
        let log = try folder.open(screen: screen)
        for (update, loss) in [9.0, 60, 60, 4, 60, 60, 60, 2e6, 2e6, 4, 2e6, 2e6, 2e6].enumerated() {
            var line = progress(update: update)
            var values = figures()
            values.lossBits = loss
            line.figures = values
            try log.report(line)
        }
        let warnings = try folder.lines().filter { $0["type"] as? String == "warning" }
        #expect(warnings.map { $0["update"] as? Int } == [6, 12])
        #expect(
            screen.text.contains(
                "warning: the run diverges: a loss of 60 bits is far above chance (4.83 bits)"))
        #expect(
            screen.text.contains("a loss of 2000000 bits") && screen.text.contains("schedule.learning_rate"))
    }
}
