/// A recording, and the name under which outputs keep what is made of it.
public struct RecordingName: Equatable, Sendable {
    /// As the user or the manifest gave it.
    public let path: String
    /// The utterance's id.
    public let name: String

    /// - Parameter name: nil for the last component of the path without its extension: `speech/a.flac` is `a`.
    public init(path: String, name: String? = nil) {
        self.path = path
        self.name = name ?? Self.withoutExtension(path.split(separator: "/").last.map(String.init) ?? "")
    }

    /// A path without the extension of its last component, as Python's `os.path.splitext` takes it off: a dot
    /// at the start of a name begins no extension.
    package static func withoutExtension(_ path: String) -> String {
        let name = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        guard let dot = path[name...].lastIndex(of: "."), dot > name else { return path }
        return String(path[..<dot])
    }
}

/// What a format asks of the names that it keeps utterances by.
package struct NameRule {
    /// How messages call the format.
    package let format: String
    /// Endings under which an utterance's arrays are stored; no two may meet.
    package var endings = [""]
    /// What is wrong with a name, as in "contains a space"; nil where it can be used.
    package var problem: (String) -> String? = { _ in nil }

    package init(
        format: String, endings: [String] = [""], problem: @escaping (String) -> String? = { _ in nil }
    ) {
        (self.format, self.endings, self.problem) = (format, endings, problem)
    }

    /// - Throws: `OutputError` that names the first recording, or the first two, that cannot be written.
    package func check(_ recordings: [RecordingName]) throws {
        var owners: [String: String] = Dictionary(minimumCapacity: recordings.count * endings.count)
        for recording in recordings {
            if let problem = problem(recording.name) {
                throw OutputError(
                    "\(recording.path): its name \(quoted(recording.name)) \(problem), which the format "
                        + "\(format) cannot hold; use jsonl, or give it another name")
            }
            for ending in endings {
                guard let other = owners.updateValue(recording.path, forKey: recording.name + ending) else {
                    continue
                }
                throw OutputError(
                    "\(other) and \(recording.path) would both be written as \(quoted(recording.name + ending)); "
                        + "write them to different outputs, or use another format than \(format)")
            }
        }
    }
}
