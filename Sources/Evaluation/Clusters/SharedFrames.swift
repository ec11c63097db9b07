import Communication
import Files

/// Frames of which each process has a part, in the order of ranks.
public struct SharedFrames: FrameSource {
    public let count: Int
    public let dimensions: Int
    public let largest: Float
    public let own: Range<Int>
    public let communicator: any Communicator
    private let part: FrameSpool?

    private struct Part: Codable {
        var count = 0
        var dimensions = 0
        var largest: Float = 0
    }

    /// - Parameter part: of this process; nil where it has none. All have the same D.
    /// - Throws: `ProcessFailure` or `CommunicationError`.
    /// - Returns: nil where nobody has any.
    public init?(_ part: FrameSpool?, communicator: any Communicator) throws {
        let parts = try communicator.collect {
            part.map { Part(count: $0.count, dimensions: $0.dimensions, largest: $0.largest) } ?? Part()
        }
        guard let dimensions = parts.map(\.dimensions).max(), dimensions > 0 else { return nil }
        (self.part, self.communicator, self.dimensions) = (part, communicator, dimensions)
        count = parts.reduce(0) { $0 + $1.count }
        largest = parts.reduce(0) { max($0, $1.largest) }
        let start = parts[..<communicator.rank].reduce(0) { $0 + $1.count }
        own = start..<start + parts[communicator.rank].count
    }

    public func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
        try part?.read(rows.lowerBound - own.lowerBound..<rows.upperBound - own.lowerBound, into: target)
    }
}
