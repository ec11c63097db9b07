import Foundation

/// Lines over one axis, such as a loss over the updates of several runs.
public struct LineChart: Sendable {
    /// One line.
    public struct Series: Sendable {
        public var name: String
        /// The number of its colour: what belongs together has the same.
        public var color: Int
        /// For what was not measured but is known, such as chance, or for a second line of the same run.
        public var isDashed: Bool
        public var points: [(x: Double, y: Double)]

        public init(_ name: String, color: Int, isDashed: Bool = false, points: [(x: Double, y: Double)]) {
            (self.name, self.color) = (name, color)
            (self.isDashed, self.points) = (isDashed, points)
        }
    }

    /// Colours of the page, after which they begin anew.
    static let colors = 8
    private static let (width, height) = (420.0, 250.0)
    private static let (left, right, top, bottom) = (48.0, 10.0, 10.0, 38.0)
    /// Points that are drawn of a line: more than pixels say nothing more.
    private static let longest = 400

    private let series: [Series]
    private let (x, y): (Axis, Axis)
    private let (xLabel, yLabel): (String, String)

    /// - Parameter isLogarithmic: of the values, where all are positive.
    public init(
        _ series: [Series], xLabel: String, yLabel: String, includingZero: Bool = false,
        isLogarithmic: Bool = false
    ) {
        self.series = series.map(Self.thinned).filter { !$0.points.isEmpty }
        (self.xLabel, self.yLabel) = (xLabel, yLabel)
        let points = self.series.flatMap(\.points)
        x = Axis(points.map(\.x))
        y = Axis(points.map(\.y), includingZero: includingZero, isLogarithmic: isLogarithmic)
    }

    /// Whether there is nothing to draw.
    public var isEmpty: Bool { series.isEmpty }

    /// The drawing. Its elements have the classes that the page colours; `data-points` is for reading values out.
    public func svg(label: String) -> String {
        var parts = [
            "<svg class=\"chart\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" tabindex=\"0\" "
                + "aria-label=\"\(SVG.escaped(label)): \(SVG.escaped(summary))\">"
        ]
        for tick in y.ticks(5) {
            guard let place = row(tick) else { continue }
            parts.append(SVG.line(Self.left, place, Self.width - Self.right, place, kind: "grid"))
            parts.append(SVG.text(Axis.label(tick), x: Self.left - 5, y: place + 4, anchor: "end"))
        }
        let base = Self.height - Self.bottom
        for tick in x.ticks(5) {
            guard let place = column(tick) else { continue }
            parts.append(SVG.line(place, base, place, base + 4, kind: "axis"))
            parts.append(SVG.text(Axis.label(tick), x: place, y: base + 16, anchor: "middle"))
        }
        parts.append(SVG.line(Self.left, base, Self.width - Self.right, base, kind: "axis"))
        parts.append(
            SVG.text(
                xLabel, x: (Self.left + Self.width - Self.right) / 2, y: Self.height - 6, anchor: "middle"))
        parts.append(
            SVG.text(
                yLabel, x: 0, y: 0, anchor: "middle",
                more: " transform=\"translate(11 \(SVG.number((Self.top + base) / 2))) rotate(-90)\""))
        for line in series { parts.append(path(line)) }
        parts.append(SVG.line(-9, Self.top, -9, base, kind: "cursor"))
        return parts.joined() + "</svg>" + legend + "<output></output>"
    }

    private var summary: String {
        series.map { "\($0.name) \($0.points.last.map { Axis.label($0.y) } ?? "")" }.joined(separator: ", ")
    }

    private func column(_ value: Double) -> Double? {
        x.position(of: value).map { Self.left + $0 * (Self.width - Self.left - Self.right) }
    }

    private func row(_ value: Double) -> Double? {
        y.position(of: value).map { Self.height - Self.bottom - $0 * (Self.height - Self.top - Self.bottom) }
    }

    private func path(_ line: Series) -> String {
        let places = line.points.compactMap { point -> (Double, Double, Double, Double)? in
            guard let column = column(point.x), let row = row(point.y) else { return nil }
            return (column, row, point.x, point.y)
        }
        let kind = "class=\"line c\(line.color % Self.colors)\(line.isDashed ? " dashed" : "")\""
        let name = "data-name=\"\(SVG.escaped(line.name))\""
        let points = places.map { "\(SVG.number($0.0)),\(Axis.label($0.2)),\(Axis.label($0.3))" }
        let data = "\(name) data-points=\"\(points.joined(separator: ";"))\""
        if places.count == 1 {
            return
                "<circle \(kind) r=\"3\" cx=\"\(SVG.number(places[0].0))\" cy=\"\(SVG.number(places[0].1))\" \(data)/>"
        }
        let drawn = places.map { "\(SVG.number($0.0)),\(SVG.number($0.1))" }.joined(separator: " ")
        return "<polyline \(kind) points=\"\(drawn)\" \(data)/>"
    }

    private var legend: String {
        let items = series.map {
            "<li><span class=\"key c\($0.color % Self.colors)\($0.isDashed ? " dashed" : "")\"></span>"
                + "\(SVG.escaped($0.name))</li>"
        }
        return "<ul class=\"legend\">\(items.joined())</ul>"
    }

    /// Without what cannot be drawn; of long lines every n-th point, and the last.
    private static func thinned(_ series: Series) -> Series {
        var line = series
        line.points = series.points.filter { $0.x.isFinite && $0.y.isFinite }
        let step = (line.points.count + longest - 1) / longest
        guard step > 1 else { return line }
        let last = line.points.count - 1
        line.points = line.points.enumerated()
            .filter { $0.offset.isMultiple(of: step) || $0.offset == last }.map(\.element)
        return line
    }
}
