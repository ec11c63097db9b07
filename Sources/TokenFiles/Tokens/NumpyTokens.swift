import Files
import TensorFiles

/// Writes the ids of each recording as an int32 array into one folder, `NAME.npy`; durations as
/// `NAME.durations.npy`.
final class NumpyTokens: TokenWriter {
    private let folder: String

    /// Creates the folder where it is missing.
    /// - Throws: `FileError` when the folder cannot be written to.
    init(folder: String) throws {
        try OutputFiles.makeFolder(folder)
        self.folder = folder
    }

    func write(_ tokens: EncodedTokens) throws {
        if let durations = tokens.durations {
            let path = "\(folder)/\(tokens.name)\(EncodedTokens.durationsEnding).npy"
            try NumpyFile.write(path, shape: [durations.count], elements: durations)
        }
        try NumpyFile.write("\(folder)/\(tokens.name).npy", shape: tokens.shape, elements: tokens.values)
    }

    func finish(_ description: OutputDescription) {}
}

extension NameRule {
    /// Names that become files of a folder.
    static func files(format: String, endings: [String]) -> NameRule {
        NameRule(format: format, endings: endings) { name in
            name.isEmpty || name.utf8.contains(where: [UInt8(ascii: "/"), 0].contains)
                ? "is no name for a file" : nil
        }
    }
}
