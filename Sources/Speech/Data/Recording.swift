/// A recording that was named on the command line, found in a folder or listed. It may not exist or not be
/// audio.
public struct Recording: Sendable, Equatable {
    public var source: AudioSource
    /// What the utterance is called in files of ids: Kaldi's key, otherwise the last component of the path
    /// without its extension.
    public var name: String
    /// Length that a manifest gives, in samples at the file's own rate; nil without a manifest.
    public var listedSamples: Int?

    /// A recording of a table, under its key.
    public init(_ source: AudioSource, name: String) {
        (self.source, self.name) = (source, name)
    }

    /// A whole file.
    public init(path: String, listedSamples: Int? = nil) {
        source = AudioSource(path: path)
        name = Self.name(of: path)
        self.listedSamples = listedSamples
    }

    /// The source in one line: the path of a file, with offset and times for others.
    public var path: String { source.description }

    /// `a/b.c.wav` gives `b.c`.
    private static func name(of path: String) -> String {
        let last = path.split(separator: "/").last ?? ""
        guard let dot = last.lastIndex(of: "."), dot > last.startIndex else { return String(last) }
        return String(last[..<dot])
    }
}
