import Foundation

/// A folder with what a vocoder needs of a quantizer: `codebook.npy`, `codebook.json` and, where they are
/// known, the combinations of ids that occur, `combinations.tsv`.
public struct CodebookFolder {
    public let path: String

    /// Makes the folder where it is missing.
    /// - Parameter tokens: the file that combinations are to be read from; it must not be the one that is written.
    /// - Throws: `FileError` where the folder cannot be made or written to.
    public init(path: String, tokens: String?) throws {
        try FileError.checkPath(path)
        self.path = path
        var status = stat()
        if stat(path, &status) != 0 {
            guard mkdir(path, 0o777) == 0 else { throw FileError(path, "cannot be created", code: errno) }
        } else if status.st_mode & S_IFMT != S_IFDIR {
            throw FileError("\(path) is not a folder; a codebook is written as a folder of files")
        }
        guard access(path, W_OK | X_OK) == 0 else {
            throw FileError(path, "cannot be written to", code: errno)
        }
        if let tokens, isSameFile(tokens, combinations) {
            throw FileError(
                "\(tokens) would be replaced by the table of its combinations; choose another folder")
        }
    }

    private var combinations: String { path + "/combinations.tsv" }

    /// Writes the files.
    /// - Parameters:
    ///   - shape: [G, V, d / G]: groups, codewords of each, width of a codeword.
    ///   - codewords: row-major.
    ///   - combinations: nil where they are not known.
    ///   - description: entries of `codebook.json`: a name and a value in JSON.
    /// - Throws: `FileError`; each file appears whole or not at all.
    public func write(
        shape: [Int], codewords: [Float], combinations: TokenCombinations?, description: [String: String]
    ) throws {
        try NumpyFile.write(path + "/codebook.npy", shape: shape, elements: codewords)
        var json: [UInt8] = []
        for (key, value) in description.merging(["shape": "\(shape)"], uniquingKeysWith: { $1 }).sorted(by: <)
        {
            json += Array((json.isEmpty ? "{" : ",\n ").utf8)
            json.append(json: key)
            json += Array(": \(value)".utf8)
        }
        try AtomicFile.write(Data(json + Array("}\n".utf8)), to: path + "/codebook.json")
        guard let combinations else { return }
        try AtomicFile.write(Data(combinations.table), to: self.combinations)
    }
}
