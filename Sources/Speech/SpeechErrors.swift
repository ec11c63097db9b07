/// What is wrong with one recording: a line that names the file, says what was found, and the remedy where
/// there is one.
public struct AudioError: Error, CustomStringConvertible, Equatable {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }

    /// A file that is empty or damaged.
    static func unusable(_ path: String, _ problem: String) -> AudioError {
        AudioError("\(path): \(problem); leave it out or fetch it again")
    }
}

/// What is wrong with the data that a command was given: with an argument, a manifest, or the limits of a
/// batch.
public struct DataError: Error, CustomStringConvertible, Equatable {
    /// A sentence each.
    public let problems: [String]

    public var description: String { problems.joined(separator: "\n") }

    public init(_ description: String) { problems = [description] }

    /// Several problems, of which only the first few are shown.
    init(listing problems: [String], limit: Int = 10) {
        var lines = problems.prefix(limit)
        if problems.count > limit { lines.append("… and \(problems.count - limit) more") }
        self.problems = Array(lines)
    }
}
