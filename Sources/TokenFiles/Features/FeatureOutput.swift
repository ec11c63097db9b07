import Files
import SystemPackage

/// What a command is asked to write features to, and how.
public struct FeatureOutputOptions: Sendable, Equatable {
    public var format: ArrayFormat
    /// A file, for `npy` a folder, for Kaldi `X` or `X.ark`.
    public var output: String
    /// Name of what is written.
    public var layer: String

    public init(_ format: ArrayFormat, output: String, layer: String) {
        (self.format, self.output, self.layer) = (format, output, layer)
    }

    /// Refuses outputs that cannot be, before anything is read.
    /// - Throws: `TokenFormatError`, or `OutputError` for a name that is none.
    public func check() throws {
        if StandardOutput.isMeant(by: output) { throw TokenFormatError.needsOutput(format) }
        if OutputFiles.isStream(output) { throw TokenFormatError.stream(output, format) }
        try location.checkName()
    }

    public var location: OutputLocation { format.location(output) }

    /// The files of the format, which belong together.
    public var companions: [String] { format.files(output, [""]) }

    /// What the output says about how it was made.
    /// - Parameter base: of the checkpoint.
    /// - Throws: `EncodingError`.
    public func description(_ base: OutputDescription) throws -> OutputDescription {
        var description = base
        try description.add(["format": format.rawValue, "layer": layer])
        return description
    }
}

/// The features of a run, and with them the description of how they were made.
public final class FeatureOutput: RecordingOutput {
    private let writer: any ArrayWriter
    private let group: OutputGroup

    /// Starts the output, having refused what could not be finished.
    /// - Parameters:
    ///   - recordings: all of them, in order.
    ///   - inputs: other files that are read, not to be replaced: manifests, the checkpoint.
    ///   - description: of the checkpoint.
    /// - Throws: `OutputError` for recordings that the format cannot hold or keep apart, for outputs that are
    ///   inputs and for files that another output has left; `FileError` for an output that cannot be written.
    public init(
        _ options: FeatureOutputOptions, recordings: [RecordingName], inputs: [FilePath],
        description: OutputDescription
    ) throws {
        try options.check()
        let (format, location) = (options.format, options.location)
        try format.check(recordings, [""])
        var files = OutputFiles()
        for file in format.files(options.output, [""]) { try files.add(file) }
        if let sidecar = location.sidecar { try files.add(sidecar) }
        try files.check(against: [inputs, recordings.map { FilePath($0.path) }].joined())
        let description = try options.description(description)
        try location.requireOwn([])
        try location.requireUnmixed(description, names: recordings.lazy.map(\.name))

        group = OutputGroup(description)
        writer = try format.open(
            ArrayFormat.Request(
                output: options.output, endings: [""], description: description, group: group))
        if location.folder == nil, let sidecar = location.sidecar {
            _ = try group.begin(sidecar, .description)
        }
    }

    public func write(_ matrix: FeatureMatrix) throws { try matrix.withArray { try writer.add([$0]) } }

    public func skip(path: ByteString) {}

    public func noteUnread(_ count: Int) { group.description.noteUnread(count) }

    public func prepare() throws {
        try writer.finish()
        try group.prepare()
    }

    public func publish() throws { try group.publish() }
}
