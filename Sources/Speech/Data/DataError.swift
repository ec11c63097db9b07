/// What is wrong with the data that a command was given: with an argument, a manifest, or the limits of a
/// batch.
public struct DataError: Error, CustomStringConvertible, Equatable {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }

    /// Several problems, a line each, of which only the first few are shown.
    init(listing problems: [String], limit: Int = 10) {
        var lines = problems.prefix(limit)
        if problems.count > limit { lines.append("… and \(problems.count - limit) more") }
        description = lines.joined(separator: "\n")
    }
}
