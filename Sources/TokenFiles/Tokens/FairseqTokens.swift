import Files

extension TokenFormat {
    /// `3-17 3-17 250-4`, what fairseq's `vq-wav2vec_featurize.py` writes to its `.src` files: line n belongs to
    /// recording n. A dictionary stands beside it, and durations do.
    public static let fairseq = TokenFormat(
        rawValue: "fairseq", summary: "the same without the path, and dict.txt", isFairseq: true,
        content: .lines(
            TokenLines(
                countsInputs: true,
                append: { tokens, line in line.append(dashed: tokens) },
                durations: { durations, _, line in line.append(durations, between: UInt8(ascii: " ")) })))
}

enum FairseqCompanion {
    /// The file that goes with a `.src` file under another suffix, as fairseq names its `.lbl` files: beside
    /// `train.src` stands `train.lbl`, beside `train.src.3` (a shard) `train.lbl.3`, and beside a file of
    /// another kind one with the suffix appended.
    static func path(of output: String, suffix: String) -> String {
        var parts = output.split(separator: ".", omittingEmptySubsequences: false)
        let last = parts.count - 1
        for place in [last, last - 1] where place > 0 && parts[place] == "src" {
            parts[place] = suffix[...]
            return parts.joined(separator: ".")
        }
        return "\(output).\(suffix)"
    }
}
