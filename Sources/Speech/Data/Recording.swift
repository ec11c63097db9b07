import Files
import SystemPackage

/// A recording that was named on the command line, found in a folder or listed. It may not exist or not be
/// audio.
public struct Recording: Sendable, Equatable {
    public var source: AudioSource
    /// What the utterance is called in files of ids: Kaldi's key, otherwise by `RecordingNaming`.
    public var name: ByteString
    /// Length that a manifest gives, in samples at the file's own rate; nil without a manifest.
    public var listedSamples: Int?

    /// A recording of a table, under its key.
    public init(_ source: AudioSource, name: ByteString) {
        (self.source, self.name) = (source, name)
    }

    /// A whole file.
    /// - Parameter name: nil for the last component of the path without its extension.
    public init(path: FilePath, name: ByteString? = nil, listedSamples: Int? = nil) {
        source = AudioSource(path: path)
        self.name = name ?? path.nameWithoutExtension
        self.listedSamples = listedSamples
    }

    /// A file that is itself named or listed.
    public init(path: FilePath, naming: RecordingNaming) { self.init(path: path, name: naming.name(path)) }

    /// The source in one line, for messages: the path of a file, with offset and times for others.
    public var path: String { source.description }
}

/// What recordings without a key are called. The raw value is that of `--names`.
public enum RecordingNaming: String, CaseIterable, Sendable {
    /// By the file: `a` for `speech/day1/a.wav`.
    case file
    /// By the path below the folder that is searched, or below a manifest's root: `day1/a`. A file that is itself
    /// named or listed has the path that it is named by.
    case path

    /// The name of a recording.
    /// - Parameter relative: its path, below the folder that was searched or as it was named.
    package func name(_ relative: FilePath) -> ByteString {
        switch self {
        case .file: relative.nameWithoutExtension
        case .path:
            ByteString(relative.lexicallyNormalized().removingRoot().withoutExtension)
        }
    }
}
