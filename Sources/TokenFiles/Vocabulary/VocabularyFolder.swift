import Files
import SystemPackage

/// A folder with the tokens that occurred, as models of text take them: `dict.txt` for fairseq and
/// `tokenizer.json` for Hugging Face's libraries. Its description stands beside it.
struct VocabularyFolder {
    private let dictionary: any ByteOutput
    private let tokenizer: any ByteOutput

    /// Makes the folder where it is missing, and begins the files.
    /// - Throws: `FileError` where they cannot be written.
    init(_ folder: String, _ group: OutputGroup) throws {
        try OutputFiles.makeFolder(FilePath(folder))
        dictionary = try group.begin(Self.dictionary(folder), .companion)
        tokenizer = try group.begin(Self.tokenizer(folder), .companion)
        _ = try group.begin(OutputLocation.sidecar(folder), .description)
    }

    /// Everything that is written.
    static func files(_ folder: String) -> [String] { contents(folder) + [OutputLocation.sidecar(folder)] }

    static func contents(_ folder: String) -> [String] { [dictionary(folder), tokenizer(folder)] }

    /// - Throws: `FileError`.
    func write(_ counts: TokenCounts) throws {
        try dictionary.write(FairseqDictionary.bytes(counts))
        try tokenizer.write(WordLevelTokenizer.bytes(counts))
    }

    private static func dictionary(_ folder: String) -> String { "\(folder)/dict.txt" }

    private static func tokenizer(_ folder: String) -> String { "\(folder)/tokenizer.json" }
}
