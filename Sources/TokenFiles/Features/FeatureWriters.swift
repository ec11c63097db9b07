import Files
import SystemPackage
import TensorFiles

/// Writes a float32 array [T, D] for each recording into one folder, `NAME.npy`.
final class NumpyFeatures: FeatureWriter {
    private let folder: FilePath

    /// Creates the folder where it is missing.
    /// - Throws: `FileError` when the folder cannot be written to.
    init(folder: String) throws {
        self.folder = FilePath(folder)
        try OutputFiles.makeFolder(self.folder)
    }

    func write(_ matrix: FeatureMatrix) throws {
        try NumpyFile.write(
            NumpyFile.path(of: matrix.recording.name, in: folder), shape: [matrix.frames, matrix.channels],
            elements: matrix.values)
    }

    func finish(_ description: OutputDescription) {}
}

/// Writes a tensor F32 [T, D] for each recording into one file, under the recording's name, with the
/// description as the file's metadata.
final class SafetensorsFeatures: FeatureWriter {
    private let file: SafetensorsStream

    /// - Throws: `FileError` when the file cannot be written.
    init(path: String) throws { file = try SafetensorsStream(path: path) }

    func write(_ matrix: FeatureMatrix) throws {
        try file.add(
            matrix.recording.name.description, .float32, shape: [matrix.frames, matrix.channels],
            UnsafeRawBufferPointer(matrix.values))
    }

    func finish(_ description: OutputDescription) throws { try file.commit(metadata: description.metadata()) }
}

/// Writes a matrix [T, D] for each recording into a Kaldi archive with its index.
final class KaldiFeatures: FeatureWriter {
    private let archive: ArkWriter

    /// - Throws: `FileError` when the files cannot be written.
    init(output: String) throws {
        let paths = ArkPaths(output: output)
        archive = try ArkWriter(archive: paths.archive, index: paths.index)
    }

    func write(_ matrix: FeatureMatrix) throws {
        try archive.add(
            matrix.recording.name, rows: matrix.frames, columns: matrix.channels, matrix.values)
    }

    func finish(_ description: OutputDescription) throws { try archive.commit() }
}
