/// Something drawn, as it stands in a page: the drawing, what it shows in words, and numbers that can be read out.
public struct Figure: Sendable {
    public let title: String
    /// A sentence or two below the drawing.
    public let caption: String
    /// The drawing: SVG, or other elements.
    public let drawing: String
    /// Whether it takes the whole width of a page.
    public let isWide: Bool

    public init(title: String, caption: String, drawing: String, isWide: Bool = false) {
        (self.title, self.caption) = (title, caption)
        (self.drawing, self.isWide) = (drawing, isWide)
    }

    /// A `figure` element.
    var html: String {
        """
        <figure\(isWide ? " class=\"wide\"" : "")><figcaption><h3>\(SVG.escaped(title))</h3></figcaption>
        \(drawing)
        <p class="caption">\(SVG.escaped(caption))</p></figure>

        """
    }
}
