import Files
import SystemPackage
import TensorFiles

/// How features are written. The raw value is the format's name on the command line.
public enum FeatureFormat: String, CaseIterable, Sendable {
    /// A folder with one float32 array [T, D] per recording.
    case npy
    /// One file with a tensor per recording.
    case safetensors
    /// Kaldi's archive and index.
    case kaldi

    /// The file that appears last: where it is there, the output is complete. Nil for `npy`, whose files are
    /// complete one by one.
    public func lastFile(of output: String) -> String? {
        switch self {
        case .npy: nil
        case .safetensors: output
        case .kaldi: ArkPaths(output: output).index
        }
    }
}

/// The features of a run, and beside them the description of how they were made.
public final class FeatureOutput {
    private let writer: any FeatureWriter
    private let description: OutputDescription
    /// Nil where the output holds its description.
    private let descriptionFile: AtomicFile?

    /// Starts the output, having refused what could not be finished.
    /// - Parameters:
    ///   - output: a file, for `npy` a folder, for Kaldi `X` or `X.ark`.
    ///   - layer: name of what is written.
    ///   - recordings: all of them, in order.
    ///   - inputs: other files that are read, not to be replaced: manifests, the checkpoint.
    /// - Throws: `OutputError` for recordings that the format cannot hold or keep apart and for outputs that
    ///   are inputs, `FileError` for an output that cannot be written.
    public init(
        _ format: FeatureFormat, output: String, layer: String, recordings: [RecordingName],
        inputs: [FilePath], description: OutputDescription
    ) throws {
        guard !OutputFiles.isStream(output) else {
            throw OutputError(
                "\(output) is a device or a pipe; --format \(format.rawValue) needs a file or a folder")
        }
        let paths = ArkPaths(output: output)
        let files: [String]
        switch format {
        case .npy:
            try NameRule.files(format: "npy", endings: [""]).check(recordings)
            files = []
        case .safetensors:
            try SafetensorsStream.check(recordings, endings: [""])
            files = [output]
        case .kaldi:
            try KaldiTokens.names.check(recordings)
            files = [paths.archive, paths.index]
        }
        let sidecar =
            format == .safetensors
            ? nil : OutputDescription.path(beside: format == .kaldi ? paths.archive : output)
        var outputs = OutputFiles()
        for file in files + (sidecar.map { [$0] } ?? []) { try outputs.add(file) }
        try outputs.check(against: [inputs, recordings.map { FilePath($0.path) }].joined())

        var description = description
        description.add(["format": .string(format.rawValue), "layer": .string(layer)])
        self.description = description
        switch format {
        case .npy: writer = try NumpyFeatures(folder: output)
        case .safetensors: writer = try SafetensorsFeatures(path: output)
        case .kaldi: writer = try KaldiFeatures(output: output)
        }
        descriptionFile = try sidecar.map { try AtomicFile(path: $0) }
    }

    /// Writes the features of the next recording.
    /// - Throws: `FileError` where the output cannot be written.
    public func write(_ matrix: FeatureMatrix) throws { try writer.write(matrix) }

    /// Makes all files final, the features last.
    /// - Throws: `FileError`.
    public func finish() throws {
        if let descriptionFile { try description.write(to: descriptionFile) }
        try writer.finish(description)
    }
}
