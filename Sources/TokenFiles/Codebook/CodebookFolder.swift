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
    ///   under a name that is to be written, or such a file of another origin.
    public init(path: String, inputs: [String]) throws {
        self.path = path
        var files = OutputFiles()
        let names = [codebook, about, combinations]
        for file in names { try files.add(file) }
        try files.check(against: inputs.map { FilePath($0) })
        if try OutputDescription.Record(path: about) == nil,
            let file = names.first(where: OutputLocation.exists)
        {
            throw OutputError.notKnown(
                file, belongsTo: "be of a codebook", remedy: "move it, or name another folder")
        }
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
    ///   - provenance: of the checkpoint.
    /// - Throws: `FileError`; the files appear together, or none does.
    public func write(
        shape: [Int], codewords: [Float], combinations: TokenCombinations?, provenance: Provenance
    ) throws {
        let group = OutputGroup(try OutputDescription(provenance, facts: ["shape": shape]))
        _ = try group.begin(about, .description)
        if let combinations {
            try group.begin(self.combinations, .companion).write(combinations.table)
        }
        let file = try group.begin(codebook, .output)
        try codewords.withUnsafeBufferPointer {
            try NumpyFile.write(FilePath(codebook), to: file, shape: shape, elements: $0)
        }
        try group.prepare()
        // Those of another codebook that was there.
        let isObsolete = combinations == nil && OutputLocation.exists(self.combinations)
        try group.publish(removing: isObsolete ? [self.combinations] : [])
    }
}
