import SystemPackage

/// A recording, and the name under which outputs keep what is made of it.
public struct RecordingName: Equatable, Sendable {
    /// As the user or the manifest gave it, with offset and times where it is not a whole file.
    public let path: ByteString
    /// The utterance's id.
    public let name: ByteString

    /// - Parameter name: nil for the last component of the path without its extension: `speech/a.flac` is `a`.
    public init(path: ByteString, name: ByteString? = nil) {
        self.path = path
        self.name = name ?? FilePath(path).nameWithoutExtension
    }
}

/// What a format asks of the names that it keeps utterances by.
package struct NameRule {
    /// How messages call the format.
    package let format: String
    /// Endings under which an utterance's arrays are stored; no two may meet.
    package var endings = [""]
    /// Whether the format holds text, and so no names that are not UTF-8.
    package var needsText = false
    /// What is wrong with a name, as in "contains a space"; nil where it can be used.
    package var problem: (ByteString) -> String? = { _ in nil }

    package init(
        format: String, endings: [String] = [""], needsText: Bool = false,
        problem: @escaping (ByteString) -> String? = { _ in nil }
    ) {
        (self.format, self.endings, self.needsText, self.problem) = (format, endings, needsText, problem)
    }

    /// Whether files of that name stay below the folder that they are put into.
    package static func staysBelow(_ name: ByteString) -> Bool {
        let path = FilePath(name)
        return path.isRelative && !path.components.contains { $0.kind == .parentDirectory }
    }

    /// - Throws: `OutputError` that names the first recording, or the first two, that cannot be written.
    package func check(_ recordings: [RecordingName]) throws {
        if needsText { try requireText(recordings) }
        var owners: [ByteString: ByteString] = Dictionary(minimumCapacity: recordings.count * endings.count)
        for recording in recordings {
            if let problem = problem(recording.name) {
                throw OutputError.unusableName(
                    recording: recording.path, name: recording.name, problem: problem, format: format)
            }
            for ending in endings {
                guard let other = owners.updateValue(recording.path, forKey: recording.name + ending) else {
                    continue
                }
                throw OutputError.sameName(
                    other, recording.path, as: recording.name + ending, format: format)
            }
        }
    }

    /// - Throws: `OutputError` for a name or path that is not UTF-8.
    package func requireText(_ recordings: [RecordingName]) throws {
        for recording in recordings where recording.path.text == nil || recording.name.text == nil {
            throw OutputError.notText(recording: recording.path, format: format)
        }
    }
}
