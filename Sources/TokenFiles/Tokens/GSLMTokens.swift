import Files

/// `name|17 250 4`, what `quantize_with_kmeans.py` of fairseq's GSLM writes; durations likewise.
struct GSLMTokens: TokenLineFormat {
    func append(_ tokens: EncodedTokens, to line: inout [UInt8]) {
        append(tokens.values, of: tokens, to: &line)
    }

    func append(durations: [Int32], of tokens: EncodedTokens, to line: inout [UInt8]) {
        append(durations, of: tokens, to: &line)
    }

    private func append(_ values: [Int32], of tokens: EncodedTokens, to line: inout [UInt8]) {
        line.append(contentsOf: tokens.name.bytes)
        line.append(UInt8(ascii: "|"))
        line.append(values, between: UInt8(ascii: " "))
    }

    static var names: NameRule {
        NameRule(format: "gslm") { name in
            let breaking = [UInt8(ascii: "|"), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
            return name.bytes.contains(where: breaking.contains) ? "contains a | or a line end" : nil
        }
    }
}
