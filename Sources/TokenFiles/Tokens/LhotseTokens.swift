import Files

/// A line for each recording as `lhotse.CutSet.from_jsonl` reads it: a cut of the whole recording with one
/// supervision, and the tokens in the cut's custom fields, where Python finds them as `cut.tokens`. It is a
/// `MonoCut`, and a `MultiCut` of all channels where the recording has several, whose mean was tokenized.
struct LhotseTokens: TokenLineFormat {
    func append(_ tokens: EncodedTokens, to line: inout [UInt8]) {
        let seconds = Double(tokens.samples) / Double(tokens.sampleRate)
        let channels = "[\((0..<tokens.channels).map(String.init).joined(separator: ","))]"
        let isMono = tokens.channels == 1
        let part = "\"start\":0,\"duration\":\(seconds),\"channel\":\(isMono ? "0" : channels)"
        line.append("{\"id\":", name: tokens.name)
        line.append(",\(part),\"supervisions\":[{\"id\":", name: tokens.name)
        line.append(",\"recording_id\":", name: tokens.name)
        line.append(",\(part)}],\"recording\":{\"id\":", name: tokens.name)
        line.append(
            ",\"sources\":[{\"type\":\"file\",\"channels\":\(channels),\"source\":", name: tokens.path)
        line.append(
            contentsOf: ("}],\"sampling_rate\":\(tokens.sampleRate),\"num_samples\":\(tokens.samples),"
                + "\"duration\":\(seconds),\"channel_ids\":\(channels)},\"custom\":{\"tokens\":").utf8)
        line.append(json: tokens)
        line.append(jsonDurations: tokens)
        line.append(contentsOf: "},\"type\":\"\(isMono ? "MonoCut" : "MultiCut")\"}".utf8)
    }

    static var names: NameRule { NameRule(format: "lhotse", needsText: true) }
}

extension [UInt8] {
    fileprivate mutating func append(_ json: String, name: ByteString) {
        append(contentsOf: json.utf8)
        append(json: name)
    }
}
