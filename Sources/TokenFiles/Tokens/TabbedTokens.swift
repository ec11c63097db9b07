import Files

/// `path<TAB>3-17 250-4`, with durations `path<TAB>3-17 250-4<TAB>2 1`.
struct TabbedTokens: TokenLineFormat {
    func append(_ tokens: EncodedTokens, to line: inout [UInt8]) {
        line.append(contentsOf: tokens.path.bytes)
        line.append(UInt8(ascii: "\t"))
        line.append(dashed: tokens)
        guard let durations = tokens.durations else { return }
        line.append(UInt8(ascii: "\t"))
        line.append(durations, between: UInt8(ascii: " "))
    }

    /// - Throws: `OutputError` for a path that would break its line.
    static func check(_ recordings: [RecordingName]) throws {
        let breaking = [UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        for recording in recordings where recording.path.bytes.contains(where: breaking.contains) {
            throw OutputError(
                "\(quoted(recording.path)) contains a tab or a line end, which the format tsv cannot hold; "
                    + "use jsonl")
        }
    }
}
