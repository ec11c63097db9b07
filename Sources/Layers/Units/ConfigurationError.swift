/// What is wrong with a configuration, in one line that names the key and what to use instead.
public indirect enum ConfigurationError: Error, Equatable {
    /// A value that cannot be used; the problem follows the key in a sentence.
    case value(key: String, problem: String)
    /// Values that do not go together: a sentence that names their keys.
    case combination(String)
    /// A key that there is not, and which come near.
    case unknownKey(String, hint: String)
    /// A text that is no configuration, or an argument that cannot be one.
    case unreadable(problem: String)
    /// A key that cannot be set there.
    case notSettable(problem: String)
    /// Where it was written: a file and its line, or an argument.
    case located(String, ConfigurationError)

    /// Without where it was written.
    public var problem: ConfigurationError {
        if case .located(_, let error) = self { error.problem } else { self }
    }
}

extension ConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .value(let key, let problem): "\(key) \(problem)"
        case .unknownKey(let key, let hint): "unknown key \(key)\(hint)"
        case .combination(let text), .unreadable(let text), .notSettable(let text): text
        case .located(let location, let error): "\(location): \(error)"
        }
    }
}
