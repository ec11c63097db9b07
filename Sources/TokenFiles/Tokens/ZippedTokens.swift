import Files
import TensorFiles

/// Writes the ids of all recordings into one archive that `numpy.load` reads: an int32 array under each
/// recording's name, durations under `NAME.durations`.
final class ZippedTokens: TokenWriter {
    private let path: String
    private let archive: ZipWriter

    /// - Throws: `FileError` when the archive cannot be written.
    init(path: String) throws {
        self.path = path
        archive = try ZipWriter(path: path)
    }

    func write(_ tokens: EncodedTokens) throws {
        try add(tokens.name.description, shape: tokens.shape, tokens.values)
        guard let durations = tokens.durations else { return }
        try add(tokens.name.description + EncodedTokens.durationsEnding, shape: [durations.count], durations)
    }

    func finish(_ description: OutputDescription) throws { try archive.commit() }

    private func add(_ name: String, shape: [Int], _ elements: [Int32]) throws {
        let array = try NumpyFile.bytes("\(path), array \(quoted(name))", shape: shape, elements: elements)
        try archive.add(name + ".npy", array)
    }

    /// Names of entries; `longest` is the zip writer's limit, less `.durations.npy`.
    static func names(endings: [String]) -> NameRule {
        let longest = 1000
        return NameRule(format: "npz", endings: endings, needsText: true) { name in
            if name.isEmpty { return "is empty" }
            if name.bytes.contains(0) { return "contains a zero byte" }
            return name.bytes.count > longest ? "is longer than \(longest) bytes" : nil
        }
    }
}
