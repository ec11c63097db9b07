/// What is wrong with one recording: a line that names the file, says what was found, and the remedy where
/// there is one.
public struct AudioError: Error, CustomStringConvertible, Equatable {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
