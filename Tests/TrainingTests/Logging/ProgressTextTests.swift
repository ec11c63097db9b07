import Testing
import Training

@Suite struct ProgressTextTests {
    @Test func plainLineHasEveryFigure() {
        #expect(
            progress().line
                == "update 200/1500, 1:32 left | loss 4.41 bits (chance 4.83) | acc 20.0 % (k=3…5: 25 20 15) | "
                + "codes 40+38/64 ppl 21.3+20.8 | 96 s audio/s, 12 s per update | τ 1.90 | lr 3e-4 | |g| 1.23"
        )
        var other = progress()
        other.secondsLeft = 7450
        other.schedules = []
        other.gradientClipped = true
        (other.audioSecondsPerSecond, other.audioSecondsPerUpdate) = (0.54, 1.5)
        other.learningRate = 1.254e-5
        var values = figures()
        values.perplexityPerGroup = []
        values.accuracyPerStep = [.nan, 0.5]
        values.extraLosses = [.init(name: "kmeans", value: 0.0123)]
        other.figures = values
        #expect(
            other.line
                == "update 200/1500, 2:04:10 left | loss 4.41 bits (chance 4.83) | acc 50.0 % (k=3…4: – 50) | "
                + "0.5 s audio/s, 1.5 s per update | lr 1.25e-5 | |g| 1.23 clipped | kmeans 0.0123")
    }

    @Test func unknownNumbersDoNotCrash() {
        var other = progress()
        var values = figures()
        for value in [Double.nan, .infinity, -1, 1e300] {
            other.secondsLeft = value
            values.lossBits = value
            other.figures = values
            other.gradientNorm = value
            other.learningRate = value
            (other.audioSecondsPerSecond, other.audioSecondsPerUpdate) = (value, value)
            #expect(other.line.contains("? left"))
        }
        other.secondsLeft = nil
        values.accuracyPerStep = []
        other.figures = values
        #expect(other.line.hasPrefix("update 200/1500 | ") && other.line.contains("| acc – % |"))
    }

    @Test func narrowTerminalsLoseTheLeastImportantFirst() {
        let full = progress().line(width: 1000)
        #expect(
            full
                == "200/1500, 1:32 left | 4.41 bits (chance 4.83) | acc 20.0 % (25…15) | "
                + "codes 40+38/64 ppl 21.3+20.8 | 96 s/s | τ 1.90 | lr 3e-4 | |g| 1.23")
        #expect(progress().line(width: full.count) == full)
        #expect(progress().line(width: full.count - 1) == String(full.dropLast(" | |g| 1.23".count)))
        #expect(progress().line(width: 50) == "200/1500, 1:32 left | 4.41 bits (chance 4.83)")
        for width in 0...full.count { #expect(progress().line(width: width).count <= width) }
        #expect(progress().line(width: 4) == "200/")
    }

    @Test func validationLine() {
        var result = ValidationResult(
            update: 250, maxUpdates: 1500, utterances: 9, figures: figures(), isBest: true)
        let line =
            "validation 250/1500 | loss 4.41 bits (chance 4.83) | acc 20.0 % (k=3…5: 25 20 15) | "
            + "codes 40+38/64 ppl 21.3+20.8"
        #expect(result.line == line + " | best so far")
        result.isBest = false
        #expect(result.line == line)
    }
}
