/// One format's output: takes the tokens of one recording after the other, in the order of the inputs.
protocol TokenWriter: AnyObject {
    /// - Throws: `FileError` when the output cannot be written.
    func write(_ tokens: EncodedTokens) throws

    /// Takes note of a recording that has no tokens. Formats whose lines are counted leave an empty one.
    /// - Throws: as `write`.
    func skip() throws

    /// Makes the output final; without it nothing appears but the files of `npy`.
    /// - Parameter description: for formats that have a place for it.
    /// - Throws: `FileError`.
    func finish(_ description: OutputDescription) throws
}

extension TokenWriter {
    func skip() {}
}

/// Output that a format cannot express, and what to use instead.
public struct TokenFormatError: Error, CustomStringConvertible, Equatable {
    public let description: String

    public init(_ description: String) { self.description = description }
}
