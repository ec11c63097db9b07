import Files

extension TokenFormat {
    /// `path<TAB>3-17 3-17 250-4`: frames separated by spaces, groups by `-`; with durations
    /// `path<TAB>3-17 250-4<TAB>2 1`.
    public static let tsv = TokenFormat(
        rawValue: "tsv", summary: "path, tab, frames by spaces, groups by dashes",
        check: { recordings in
            let breaking = [UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
            for recording in recordings where recording.path.bytes.contains(where: breaking.contains) {
                throw OutputError.breaksLines(recording: recording.path, format: "tsv")
            }
        },
        content: .lines(
            TokenLines { tokens, line in
                line.append(contentsOf: tokens.path.bytes)
                line.append(UInt8(ascii: "\t"))
                line.append(dashed: tokens)
                guard let durations = tokens.durations else { return }
                line.append(UInt8(ascii: "\t"))
                line.append(durations, between: UInt8(ascii: " "))
            }))

    /// `name|17 250 4`, what `quantize_with_kmeans.py` of fairseq's GSLM writes; durations likewise, in a file beside.
    public static let gslm = TokenFormat(
        rawValue: "gslm", summary: "name|ids", usualIDs: .combined, holdsPairs: false,
        check: { recordings in
            let breaking = [UInt8(ascii: "|"), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
            try NameRule(format: "gslm") { name in
                name.bytes.contains(where: breaking.contains) ? "contains a | or a line end" : nil
            }.check(recordings)
        },
        content: .lines(
            TokenLines(
                append: { tokens, line in line.append(tokens.values, of: tokens) },
                durations: { durations, tokens, line in line.append(durations, of: tokens) })))
}

extension [UInt8] {
    fileprivate mutating func append(_ values: [Int32], of tokens: EncodedTokens) {
        append(contentsOf: tokens.name.bytes)
        append(UInt8(ascii: "|"))
        append(values, between: UInt8(ascii: " "))
    }
}
