import Files
import Foundation
import SystemPackage
import TensorFiles

/// A folder with what a vocoder needs of a quantizer: `codebook.npy`, `codebook.json` and, where they are
/// known, the combinations of ids that occur, `combinations.tsv`.
public struct CodebookFolder {
    public let path: String

    /// Makes the folder where it is missing.
    /// - Parameter inputs: files that are read, not to be replaced.
    /// - Throws: `FileError` where the folder cannot be made or written to, `OutputError` where it holds an input
    ///   under a name that is to be written.
    public init(path: String, inputs: [String]) throws {
        self.path = path
        var files = OutputFiles()
        for file in [codebook, about, combinations] { try files.add(file) }
        try files.check(against: inputs.map { FilePath($0) })
        try OutputFiles.makeFolder(FilePath(path))
    }

    private var codebook: String { path + "/codebook.npy" }
    private var about: String { path + "/codebook.json" }
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
        try NumpyFile.write(FilePath(codebook), shape: shape, elements: codewords)
        var json: [UInt8] = []
        for (key, value) in description.merging(["shape": "\(shape)"], uniquingKeysWith: { $1 }).sorted(by: <)
        {
            json += Array((json.isEmpty ? "{" : ",\n ").utf8)
            json.append(json: key)
            json += Array(": \(value)".utf8)
        }
        try AtomicFile.write(Data(json + Array("}\n".utf8)), to: about)
        guard let combinations else { return }
        try AtomicFile.write(Data(combinations.table), to: self.combinations)
    }
}
