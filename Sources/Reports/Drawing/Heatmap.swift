/// A table of numbers from 0 to 1 as colours, with names at the rows.
public struct Heatmap: Sendable {
    private let rows: [String]
    private let columns: Int
    private let values: [Double]
    private let xLabel: String

    /// - Parameters:
    ///   - rows: their names, from the top.
    ///   - values: [rows, columns].
    /// - Precondition: there are as many values as cells.
    public init(rows: [String], columns: Int, values: [Double], xLabel: String) {
        precondition(
            values.count == rows.count * columns, "\(values.count) values for \(rows.count) × \(columns)")
        (self.rows, self.columns) = (rows, columns)
        (self.values, self.xLabel) = (values, xLabel)
    }

    public var isEmpty: Bool { values.isEmpty }

    /// The drawing: a picture with a pixel for each cell, enlarged, between names as text.
    public func svg(label: String) -> String {
        guard !isEmpty else { return "" }
        let (left, width, cell) = (52.0, 760.0, 13.0)
        let height = cell * Double(rows.count)
        let image = PNGImage(
            width: columns, height: rows.count, pixels: values.flatMap { ColorScale.color($0) })
        var parts = [
            "<svg class=\"heatmap\" viewBox=\"0 0 \(Int(width)) \(Int(height + 22))\" role=\"img\" tabindex=\"0\" "
                + "aria-label=\"\(SVG.escaped(label))\">",
            "<image x=\"\(Int(left))\" y=\"0\" width=\"\(Int(width - left))\" height=\"\(SVG.number(height))\" "
                + "preserveAspectRatio=\"none\" href=\"\(image.dataURL)\"/>",
        ]
        for (index, name) in rows.enumerated() {
            parts.append(SVG.text(name, x: left - 5, y: cell * Double(index) + 10, anchor: "end"))
        }
        parts.append(SVG.text(xLabel, x: (left + width) / 2, y: height + 16, anchor: "middle"))
        return "<div class=\"scroll\">" + parts.joined() + "</svg></div>"
    }
}
