/// A value that cannot be used, and what to use instead.
public enum Wav2Vec2ConfigurationError: Error, Equatable {
    /// - Parameters:
    ///   - expected: what the value must be.
    case wrongValue(key: String, value: String, expected: String)
    /// Values that are possible alone, but not together.
    case combination(String)
}

extension Wav2Vec2ConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wrongValue(let key, let value, let expected): "\(key) must be \(expected), not \(value)"
        case .combination(let text): text
        }
    }
}
