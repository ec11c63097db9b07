/// A line for each recording as `lhotse.CutSet.from_jsonl` reads it: a `MonoCut` of the whole recording with
/// one supervision, and the tokens in the cut's custom fields, where Python finds them as `cut.tokens`.
struct LhotseTokens: TokenLineFormat {
    func append(_ tokens: EncodedTokens, to line: inout [UInt8]) {
        let seconds = Double(tokens.samples) / Double(tokens.sampleRate)
        let part = "\"start\":0,\"duration\":\(seconds),\"channel\":0"
        line.append(contentsOf: "{\"id\":".utf8)
        line.append(json: tokens.name)
        line.append(contentsOf: ",\(part),\"supervisions\":[{\"id\":".utf8)
        line.append(json: tokens.name)
        line.append(contentsOf: ",\"recording_id\":".utf8)
        line.append(json: tokens.name)
        line.append(contentsOf: ",\(part)}],\"recording\":{\"id\":".utf8)
        line.append(json: tokens.name)
        line.append(contentsOf: ",\"sources\":[{\"type\":\"file\",\"channels\":[0],\"source\":".utf8)
        line.append(json: tokens.path)
        line.append(
            contentsOf: ("}],\"sampling_rate\":\(tokens.sampleRate),\"num_samples\":\(tokens.samples),"
                + "\"duration\":\(seconds),\"channel_ids\":[0]},\"custom\":{\"tokens\":").utf8)
        line.append(json: tokens)
        line.append(jsonDurations: tokens)
        line.append(contentsOf: "},\"type\":\"MonoCut\"}".utf8)
    }

    static var names: NameRule { NameRule(format: "lhotse") }
}
