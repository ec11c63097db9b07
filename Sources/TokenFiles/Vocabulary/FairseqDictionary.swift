/// fairseq's dictionaries: a line `token count` for each token, the most frequent first. Special tokens do not
/// stand in the file: `fairseq.data.Dictionary.load` puts its own before them.
enum FairseqDictionary {
    static func bytes(_ counts: TokenCounts) -> [UInt8] {
        var bytes: [UInt8] = []
        for (token, count) in counts.sorted { bytes.append(contentsOf: "\(token) \(count)\n".utf8) }
        return bytes
    }
}
