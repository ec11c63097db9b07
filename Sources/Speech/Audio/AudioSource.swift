import Files
import SystemPackage

/// Where the samples of a recording are: a file, a place in an archive of recordings, or a part of either.
public struct AudioSource: Sendable, Hashable {
    /// A part of a recording, in seconds from its beginning.
    public struct Part: Sendable, Hashable {
        public var start: Double
        /// Nil: to the end of the recording.
        public var end: Double?

        public init(start: Double, end: Double? = nil) {
            (self.start, self.end) = (start, end)
        }
    }

    public var path: FilePath
    /// The byte of an archive (Kaldi's `.ark`) at which the recording begins; nil: the file is the recording.
    public var offset: Int?
    /// Nil: all of the recording.
    public var part: Part?
    /// Whether the samples come from standard input; `path` is then no path but what the recording is called.
    public private(set) var isStandardInput = false

    public init(path: FilePath, offset: Int? = nil, part: Part? = nil) {
        (self.path, self.offset, self.part) = (path, offset, part)
    }

    /// The recording that comes through standard input.
    public static func standardInput(name: String) -> AudioSource {
        var source = AudioSource(path: FilePath(name))
        source.isStandardInput = true
        return source
    }
}

extension AudioSource: CustomStringConvertible {
    /// In one line: the path alone for a file; `a.ark:1234` in an archive; a part is `a.wav[1.5:3.25]`, in seconds.
    public var location: ByteString {
        let start = offset.map { ":\($0)" } ?? ""
        let times = part.map { "[\($0.start):\($0.end.map { "\($0)" } ?? "")]" } ?? ""
        return ByteString(path) + start + times
    }

    /// The location, for messages.
    public var description: String { "\(location)" }
}

extension AudioSource.Part {
    /// The samples of the part, with Kaldi's rules (`extract-segments`): times are rounded down to samples, and
    /// an end up to half a second past the recording's is the recording's.
    ///
    /// - Throws: `AudioError` for a part that is not inside the recording.
    func samples(of count: Int, sampleRate: Int, in source: AudioSource) throws -> Range<Int> {
        guard start.isFinite, start >= 0, end.map({ $0.isFinite && $0 > start }) ?? true else {
            throw AudioError.unsuitable(
                "\(source)", "is not a part of a recording: a part has a start and a later end")
        }
        let rate = Double(sampleRate)
        guard start * rate < Double(count), (end ?? 0) * rate <= Double(count) + rate / 2 else {
            throw AudioError.unsuitable(
                "\(source)",
                "lies beyond the recording's end at \(Double(count) / rate) s: correct the segment"
            )
        }
        return Int(start * rate)..<min(end.map { Int($0 * rate) } ?? count, count)
    }
}
