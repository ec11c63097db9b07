import Files
import SystemPackage
import TensorFiles

/// Writes the ids of each recording as an int32 array into one folder, `NAME.npy`; durations as
/// `NAME.durations.npy`.
final class NumpyTokens: TokenWriter {
    private let folder: FilePath

    /// Creates the folder where it is missing.
    /// - Throws: `FileError` when the folder cannot be written to.
    init(folder: String) throws {
        self.folder = FilePath(folder)
        try OutputFiles.makeFolder(self.folder)
    }

    func write(_ tokens: EncodedTokens) throws {
        if let durations = tokens.durations {
            let path = try NumpyFile.path(of: tokens.name + EncodedTokens.durationsEnding, in: folder)
            try NumpyFile.write(path, shape: [durations.count], elements: durations)
        }
        let path = try NumpyFile.path(of: tokens.name, in: folder)
        try NumpyFile.write(path, shape: tokens.shape, elements: tokens.values)
    }

    func finish(_ description: OutputDescription) {}
}

extension NameRule {
    /// Names that become files of a folder, those with slashes in folders of it.
    static func files(format: String, endings: [String]) -> NameRule {
        NameRule(format: format, endings: endings) { name in
            let path = FilePath(name)
            let isBelow = path.isRelative && path.isLexicallyNormal && path.components.first?.kind == .regular
            return isBelow && path.bytes == name.bytes ? nil : "is no name for a file"
        }
    }
}
