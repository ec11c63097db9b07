import Foundation
import Reports
import Testing

@Suite struct DrawingTests {
    @Test(arguments: [
        ([0.0, 10], [0.0, 2, 4, 6, 8, 10]), ([1.93, 4.83], [2.0, 3, 4]),
        ([-0.1, 0.1], [-0.1, -0.05, 0, 0.05, 0.1]),
    ])
    func marksAreRoundNumbers(values: [Double], ticks: [Double]) {
        let found = Axis(values).ticks(5)
        #expect(found.count == ticks.count)
        #expect(zip(found, ticks).allSatisfy { abs($0 - $1) < 1e-12 }, "\(found)")
    }

    @Test func axesHoldWhatIsDrawn() {
        #expect(Axis([3, 5], includingZero: true).lower == 0)
        let level = Axis([2.0, 2])
        #expect(level.lower < 2 && level.upper > 2)
        let factors = Axis([0.01, -5, 100], isLogarithmic: true)
        #expect(factors.position(of: 1) == 0.5 && factors.position(of: -1) == nil)
        #expect(factors.ticks(5).map(Axis.label) == ["0.01", "0.1", "1", "10", "100"])
        #expect(Axis([Double.nan, .infinity]).position(of: .nan) == nil)
        for values in [[], [0], [-1e300, 1e300], [1e-307, 2e-307]] as [[Double]] {
            for isLogarithmic in [false, true] {
                #expect(Axis(values, isLogarithmic: isLogarithmic).ticks(5).count < 20)
            }
        }
    }

    @Test func labelsAreShort() {
        #expect(
            [0, 0.05, 3e-4, 1500, 20000, 2.5e6, 1e12, -4].map(Axis.label)
                == ["0", "0.05", "3e-4", "1500", "20k", "2.5M", "1e12", "-4"])
    }

    @Test func aLineHasItsPointsInTheirPlaces() {
        let points = [(x: 0.0, y: 1.0), (x: 5, y: .nan), (x: 10, y: 3.0)]
        let svg = LineChart([.init("a<b", color: 2, points: points)], xLabel: "x", yLabel: "y").svg(
            label: "L")
        #expect(svg.contains("points=\"48,212 410,10\""), "\(svg)")
        #expect(svg.contains("data-points=\"48,0,1;410,10,3\"") && svg.contains("class=\"line c2\""))
        #expect(svg.contains("a&lt;b") && !svg.contains("a<b"))
        #expect(LineChart([.init("n", color: 0, points: [(1, .nan)])], xLabel: "", yLabel: "").isEmpty)
    }

    @Test func longLinesAreThinnedButKeepTheirEnds() {
        let points = (0...10_000).map { (x: Double($0), y: 1 + Double($0)) }
        let svg = LineChart([.init("a", color: 0, points: points)], xLabel: "", yLabel: "").svg(label: "")
        let data = svg.components(separatedBy: "data-points=\"")[1].prefix { $0 != "\"" }.split(
            separator: ";")
        #expect((300...402).contains(data.count))
        #expect(data.first == "48,0,1" && data.last == "410,10k,10.001k")
    }

    @Test func textCannotBecomeMarkup() {
        #expect(
            SVG.escaped("<a href=\"x\">&'\u{0}\u{1B}")
                == "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\u{FFFD}\u{FFFD}")
    }
}
