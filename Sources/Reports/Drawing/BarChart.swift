/// A bar for each of a few things, one below the other, with its number and interval.
public struct BarChart: Sendable {
    /// One bar.
    public struct Bar: Sendable {
        public var name: String
        /// The number of its colour: the same thing has the same in all charts.
        public var color: Int
        public var value: Double
        /// What the value lies in, as a whisker; nil where it is not known.
        public var interval: (lower: Double, upper: Double)?

        public init(
            _ name: String, color: Int, value: Double, interval: (lower: Double, upper: Double)? = nil
        ) {
            (self.name, self.color) = (name, color)
            (self.value, self.interval) = (value, interval)
        }
    }

    private static let (width, row, margin) = (420.0, 40.0, 6.0)
    private let bars: [Bar]

    public init(_ bars: [Bar]) { self.bars = bars.filter(\.value.isFinite) }

    public var isEmpty: Bool { bars.isEmpty }

    /// The drawing: names above their bars, which have room for long ones there.
    public func svg(label: String) -> String {
        let ends = bars.map(\.value) + bars.compactMap(\.interval).flatMap { [$0.lower, $0.upper] }
        let axis = Axis(ends, includingZero: true)
        func place(_ value: Double) -> Double {
            Self.margin + (axis.position(of: value) ?? 0) * (Self.width - 2 * Self.margin - 60)
        }
        let summary = bars.map { "\($0.name) \(Axis.label($0.value))" }.joined(separator: ", ")
        var parts = [
            "<svg class=\"bars\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.row) * bars.count + 10)\" "
                + "role=\"img\" tabindex=\"0\" aria-label=\"\(SVG.escaped("\(label): \(summary)"))\">"
        ]
        for (index, bar) in bars.enumerated() {
            let top = Self.row * Double(index)
            let (start, end) = (place(min(0, bar.value)), place(max(0, bar.value)))
            parts.append(SVG.text(bar.name, x: Self.margin, y: top + 14))
            parts.append(
                "<rect class=\"bar c\(bar.color % LineChart.colors)\" x=\"\(SVG.number(start))\" "
                    + "y=\"\(SVG.number(top + 19))\" width=\"\(SVG.number(end - start))\" height=\"14\"/>")
            var last = end
            if let interval = bar.interval {
                let (lower, upper) = (place(interval.lower), place(interval.upper))
                parts.append(SVG.line(lower, top + 26, upper, top + 26, kind: "whisker"))
                for x in [lower, upper] {
                    parts.append(SVG.line(x, top + 21, x, top + 31, kind: "whisker"))
                }
                last = max(last, upper)
            }
            parts.append(SVG.text(Axis.label(bar.value), x: last + 5, y: top + 30))
        }
        return parts.joined() + "</svg>"
    }
}
