import Files
import SystemPackage

/// A folder with the tokens that occurred, as models of text take them: `dict.txt` for fairseq and
/// `tokenizer.json` for Hugging Face's libraries. Its description stands beside it.
struct VocabularyFolder {
    private let dictionary: AtomicFile
    private let tokenizer: AtomicFile
    private let description: AtomicFile

    /// Makes the folder where it is missing, and begins the files.
    /// - Throws: `FileError` where they cannot be written.
    init(_ folder: String) throws {
        try OutputFiles.makeFolder(FilePath(folder))
        dictionary = try AtomicFile(path: Self.dictionary(folder))
        tokenizer = try AtomicFile(path: Self.tokenizer(folder))
        description = try AtomicFile(path: OutputDescription.path(beside: folder))
    }

    static func files(_ folder: String) -> [String] {
        [dictionary(folder), tokenizer(folder), OutputDescription.path(beside: folder)]
    }

    /// - Throws: `FileError`.
    func write(_ counts: TokenCounts, _ text: OutputDescription) throws {
        try dictionary.write(FairseqDictionary.bytes(counts))
        try tokenizer.write(WordLevelTokenizer.bytes(counts))
        try text.write(to: description)
        try dictionary.commit()
        try tokenizer.commit()
    }

    private static func dictionary(_ folder: String) -> String { "\(folder)/dict.txt" }

    private static func tokenizer(_ folder: String) -> String { "\(folder)/tokenizer.json" }
}
