/// What is wrong with the data that a command was given: with an argument, a list, or the limits of a batch.
public enum DataError: Error, CustomStringConvertible, Equatable {
    /// There is no such file or folder.
    case missing(String)
    /// The system does not let the file or folder be read, for the reason given.
    case unreadable(String, String)
    /// A list has a line that is not as it should be; or, without a number, is none.
    case list(String, line: Int? = nil, problem: String)
    /// A list or folder holds no recordings.
    case empty(String, String)
    /// An argument is not what the command can use.
    case argument(String)
    /// The recordings do not fit what is to be made of them.
    case unsuitable(String)
    /// Several problems.
    case several([String])

    /// A sentence each.
    public var problems: [String] {
        switch self {
        case .missing(let name): ["\(name): no such file or folder"]
        case .unreadable(let name, let reason): ["\(name): cannot be read: \(reason)"]
        case .list(let name, let line?, let problem): ["\(name):\(line): \(problem)"]
        case .list(let name, nil, let problem), .empty(let name, let problem): ["\(name): \(problem)"]
        case .argument(let problem), .unsuitable(let problem): [problem]
        case .several(let problems): problems
        }
    }

    public var description: String { problems.joined(separator: "\n") }

    /// Several problems, of which only the first few are shown.
    init(listing problems: [String], limit: Int = 10) {
        var lines = problems.prefix(limit)
        if problems.count > limit { lines.append("… and \(problems.count - limit) more") }
        self = .several(Array(lines))
    }
}
