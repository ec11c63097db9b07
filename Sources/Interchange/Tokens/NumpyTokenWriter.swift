import Foundation

/// Writes the ids of each file as an int32 array [T, G] into one folder.
///
/// `speech/a.flac` gives `a.npy`: the name does not depend on what else is tokenized.
final class NumpyTokenWriter: TokenWriter {
    private let folder: String
    /// The input that each name belongs to.
    private var owners: [String: String] = [:]

    /// Creates the folder where it is missing.
    /// - Throws: `TokenFormatError` when two inputs would share a name, `FileError` when the folder cannot be
    ///   written to.
    init(paths: [String], folder: String) throws {
        for path in paths {
            let name = Self.name(for: path)
            if let other = owners.updateValue(path, forKey: name) {
                throw TokenFormatError(
                    "\(other) and \(path) would both be written to \(folder)/\(name); "
                        + "tokenize them into different folders, or use another format than npy")
            }
        }
        try FileError.checkPath(folder)
        // Another job may create it in the same moment.
        guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
            throw FileError(folder, "cannot be created", code: errno)
        }
        var status = stat()
        guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw FileError(
                "\(folder) is not a folder; the format npy writes one file per input into a folder")
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw FileError(folder, "cannot be written to", code: errno)
        }
        self.folder = folder
    }

    func write(_ utterance: TokenizedUtterance) throws {
        let name = Self.name(for: utterance.path)
        guard owners[name] == utterance.path else {
            throw TokenFormatError(
                "\(utterance.path) is not written: it was not among the inputs at the start")
        }
        try NumpyFile.write(
            "\(folder)/\(name)", shape: [utterance.frames, utterance.groups], elements: utterance.ids)
    }

    func skip(path: String) {}

    func finish() {}

    /// The last component of the path with its extension exchanged.
    private static func name(for path: String) -> String {
        let last = path.split(separator: "/").last ?? ""
        guard let dot = last.lastIndex(of: "."), dot > last.startIndex else { return "\(last).npy" }
        return "\(last[..<dot]).npy"
    }
}
