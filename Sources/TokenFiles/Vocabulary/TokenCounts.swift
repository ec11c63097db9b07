/// How often each token occurred, by the text that stands for it: `3-17` for pairs, else a number.
final class TokenCounts {
    /// Rows of numbers and their counts. Memory grows with the tokens that occur, not with the recordings.
    private var counts: [[Int32]: Int] = [:]

    func add(_ tokens: EncodedTokens) {
        for start in stride(from: 0, to: tokens.values.count, by: tokens.columns) {
            counts[Array(tokens.values[start..<start + tokens.columns]), default: 0] += 1
        }
    }

    /// The most frequent first; equally frequent ones in the order of their text's bytes, as in fairseq's
    /// `Dictionary.finalize`.
    var sorted: [(token: String, count: Int)] {
        counts.map { (token: $0.key.map(String.init).joined(separator: "-"), count: $0.value) }
            .sorted { ($1.count, $0.token) < ($0.count, $1.token) }
    }
}

/// fairseq's dictionaries: a line `token count` for each token, the most frequent first. Special tokens do not
/// stand in the file: `fairseq.data.Dictionary.load` puts its own before them.
enum FairseqDictionary {
    static func bytes(_ counts: TokenCounts) -> [UInt8] {
        var bytes: [UInt8] = []
        for (token, count) in counts.sorted { bytes.append(contentsOf: "\(token) \(count)\n".utf8) }
        return bytes
    }
}
