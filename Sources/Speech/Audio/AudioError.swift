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
