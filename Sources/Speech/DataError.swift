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
    /// A recording cannot be used.
    case recording(AudioError)
    /// Several problems.
    case several([DataError])
    /// So many problems more than are listed.
    case more(Int)

    /// The errors of which this is made.
    public var problems: [any Error] {
        switch self {
        case .recording(let error): [error]
        case .several(let errors): errors.flatMap(\.problems)
        default: [self]
        }
    }

    /// A line for each problem.
    public var description: String {
        switch self {
        case .missing(let name): "\(name): no such file or folder"
        case .unreadable(let name, let reason): "\(name): cannot be read: \(reason)"
        case .list(let name, let line?, let problem): "\(name):\(line): \(problem)"
        case .list(let name, nil, let problem), .empty(let name, let problem): "\(name): \(problem)"
        case .argument(let problem), .unsuitable(let problem): problem
        case .recording(let error): "\(error)"
        case .several(let errors): errors.map(\.description).joined(separator: "\n")
        case .more(let count): "… and \(count) more"
        }
    }

    /// Several problems, of which only the first few are shown.
    init(listing problems: [DataError], limit: Int = 10) {
        let more = problems.count - limit
        self = .several(Array(problems.prefix(limit)) + (more > 0 ? [.more(more)] : []))
    }
}
