/// `3-17 3-17 250-4`, what fairseq's `vq-wav2vec_featurize.py` writes to its `.src` files: line n belongs to
/// recording n.
struct FairseqTokens: TokenLineFormat {
    var countsLines: Bool { true }

    func append(_ tokens: EncodedTokens, to line: inout [UInt8]) { line.append(dashed: tokens) }

    /// The file that goes with a `.src` file under another suffix, as fairseq names its `.lbl` files: beside
    /// `train.src` stands `train.lbl`, beside `train.src.3` (a shard) `train.lbl.3`, and beside a file of
    /// another kind one with the suffix appended.
    static func companion(of output: String, suffix: String) -> String {
        var parts = output.split(separator: ".", omittingEmptySubsequences: false)
        let last = parts.count - 1
        for place in [last, last - 1] where place > 0 && parts[place] == "src" {
            parts[place] = suffix[...]
            return parts.joined(separator: ".")
        }
        return "\(output).\(suffix)"
    }
}
