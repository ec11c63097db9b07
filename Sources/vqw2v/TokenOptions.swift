import ArgumentParser
import TokenFiles

/// What tokens are written to, and how.
struct TokenOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "File to write; for npy a folder, for kaldi X of X.ark and X.scp; - for stdout. (default: -)",
            valueName: "path"), completion: .file())
    var output: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            TokenFormat.allCases.map { "\($0): \($0.summary)" }.joined(separator: ". ") + "."))
    var format: TokenFormat = .tsv

    @Option(
        help: """
            pair: the ids of a frame side by side, 3-17. combined: one number, the ids as its digits. flat: a \
            number per group, each group with numbers of its own. (default: pair, for gslm combined)
            """)
    var ids: TokenIDs?

    @Flag(help: "Write runs of equal frames once, and how long they are.")
    var deduplicate = false

    @Option(
        help: ArgumentHelp(
            "Folder for the tokens that occur: dict.txt (fairseq), tokenizer.json (Hugging Face).",
            valueName: "folder"), completion: .directory)
    var vocabulary: String?

    @Option(
        help: "For fairseq: file with a line of labels per recording, or suffix of a file beside each.",
        completion: .file())
    var labels: String?

    @Option(
        help: ArgumentHelp(
            "For fairseq: file for the counts of the tokens. (default: dict.txt beside the output)",
            valueName: "file"), completion: .file())
    var dictionary: String?

    var options: TokenOutputOptions {
        var options = TokenOutputOptions()
        (options.format, options.output, options.ids) = (format, output, ids)
        options.deduplicates = deduplicate
        (options.labels, options.dictionary, options.vocabulary) = (labels, dictionary, vocabulary)
        return options
    }

    /// Refuses combinations that mean nothing.
    /// - Throws: `ValidationError`.
    func check(resamples: Bool) throws {
        try asWrongUsage { try options.check(resamples: resamples) }
    }
}

extension TokenFormat: ExpressibleByArgument {}
extension TokenIDs: ExpressibleByArgument {}
