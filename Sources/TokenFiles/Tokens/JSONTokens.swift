import Files
import TensorFiles

extension TokenFormat {
    /// `{"name":"a","path":"b/a.wav","samples":800,"rate":16000,"frames":3,"ids":[[3,17],[3,17],[250,4]]}`.
    public static let jsonl = TokenFormat(
        rawValue: "jsonl", summary: "an object per line",
        check: { try NameRule(format: "jsonl", needsText: true).requireText($0) },
        content: .lines(
            TokenLines { tokens, line in
                let object = JSONLine(
                    name: tokens.name.description, path: tokens.path.description, samples: tokens.samples,
                    rate: tokens.sampleRate, frames: tokens.frames, ids: TokenRows(tokens),
                    durations: tokens.durations)
                try OrderedJSONEncoder().encode(object, to: &line)
            }))
}

private struct JSONLine: Encodable {
    let name: String
    let path: String
    let samples: Int
    let rate: Int
    let frames: Int
    let ids: TokenRows
    let durations: [Int32]?
}

/// The numbers of a recording in JSON: an array of arrays with pairs, of numbers with combined and flat ids.
struct TokenRows: Encodable {
    private let tokens: EncodedTokens

    init(_ tokens: EncodedTokens) { self.tokens = tokens }

    func encode(to encoder: any Encoder) throws {
        guard tokens.ids == .pair else {
            var container = encoder.singleValueContainer()
            return try container.encode(tokens.values)
        }
        var container = encoder.unkeyedContainer()
        for start in stride(from: 0, to: tokens.values.count, by: tokens.columns) {
            try container.encode(Array(tokens.values[start..<start + tokens.columns]))
        }
    }
}
