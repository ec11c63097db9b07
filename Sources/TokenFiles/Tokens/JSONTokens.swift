import Files

/// `{"name":"a","path":"b/a.wav","samples":800,"rate":16000,"frames":3,"ids":[[3,17],[3,17],[250,4]]}`.
struct JSONTokens: TokenLineFormat {
    func append(_ tokens: EncodedTokens, to line: inout [UInt8]) {
        line.append(contentsOf: "{\"name\":".utf8)
        line.append(json: tokens.name)
        line.append(contentsOf: ",\"path\":".utf8)
        line.append(json: tokens.path)
        let numbers = [("samples", tokens.samples), ("rate", tokens.sampleRate), ("frames", tokens.frames)]
        for (key, value) in numbers { line.append(contentsOf: ",\"\(key)\":\(value)".utf8) }
        line.append(contentsOf: ",\"ids\":".utf8)
        line.append(json: tokens)
        line.append(jsonDurations: tokens)
        line.append(UInt8(ascii: "}"))
    }

    static var names: NameRule { NameRule(format: "jsonl", needsText: true) }
}
