import Foundation

/// Why the temporary files of a long recording cannot be kept, and the remedy.
public struct SpillError: Error, CustomStringConvertible, Equatable {
    public let description: String

    init(_ folder: String, code: Int32) {
        description =
            "temporary files cannot be kept in \(folder) (\(String(cString: strerror(code)))): "
            + Self.remedy
    }

    /// The folder lacks the room.
    init(_ folder: String, needed: Int, free: Int) {
        func gigabytes(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) / 1e9) }
        description =
            "needs \(gigabytes(needed)) of temporary files, and \(folder) has \(gigabytes(free)) free: "
            + Self.remedy
    }

    private static let remedy = "let TMPDIR name a folder with more room"
}
