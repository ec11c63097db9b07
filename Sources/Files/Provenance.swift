/// What a file was made with: the program, the checkpoint by the hash of its bytes, and its configuration. Outputs
/// and converted checkpoints tell it under the same names.
public struct Provenance: Sendable {
    /// Name and version.
    public let program: String
    /// Perhaps still being computed.
    public let checkpoint: FileHash
    /// Of the checkpoint, a JSON document.
    public let configuration: String

    public init(program: String, checkpoint: FileHash, configuration: String) {
        (self.program, self.checkpoint, self.configuration) = (program, checkpoint, configuration)
    }

    /// Values by the names under which they stand in files; waits until the hash is known.
    /// - Throws: `FileError` where the checkpoint could not be read.
    public func entries() throws -> [String: String] {
        [
            Key.program: program, Key.hash: try checkpoint.value(), Key.configuration: configuration,
        ]
    }

    /// Names in files.
    public enum Key {
        public static let program = "program"
        public static let checkpoint = "checkpoint"
        public static let hash = "checkpoint_sha256"
        public static let configuration = "configuration"
    }
}
