import Foundation
import TensorFiles

/// Where weights come from that were read from another format: what their checkpoint keeps in place of the state
/// of a run. What the file did not say is nil.
public struct CheckpointOrigin: Codable, Equatable, Sendable {
    /// The kind of file that they were read from, in words.
    public var format: String
    /// What wrote that file.
    public var program: String
    /// SHA-256 of that file, in hexadecimal digits; nil while it is the one that is open.
    public var sha256: String?
    /// SHA-256 of the file that this program wrote it from.
    public var checkpointSHA256: String?
    /// Updates that the weights were trained for.
    public var updates: Int?

    private enum CodingKeys: String, CodingKey {
        case format, program, sha256, updates
        case checkpointSHA256 = "checkpoint_sha256"
    }

    /// One line of JSON.
    func json() throws -> String {
        String(decoding: try JSONEncoder.line.encode(self), as: UTF8.self)
    }
}
