/// A `tokenizer.json` of Hugging Face's `tokenizers`, of type WordLevel: text is divided at white space, and
/// every token of the vocabulary is a word. (The pre-tokenizer `Whitespace` would also divide `3-17` at its
/// dash.)
///
/// The special tokens are BERT's, with the ids 0 to 4; the others follow in the order of their counts. A
/// sequence becomes `[CLS] … [SEP]`, a pair of sequences `[CLS] … [SEP] … [SEP]`.
enum WordLevelTokenizer {
    static let specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    static func bytes(_ counts: TokenCounts) -> [UInt8] {
        var text = Array(#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":["#.utf8)
        for (id, token) in specialTokens.enumerated() {
            text.append(
                contentsOf: ("\(id > 0 ? "," : ""){\"id\":\(id),\"content\":\"\(token)\",\"single_word\":false,"
                    + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true}").utf8)
        }
        text.append(
            contentsOf: (#"],"normalizer":null,"pre_tokenizer":{"type":"WhitespaceSplit"},"#
                + #""post_processor":\#(template),"decoder":null,"model":{"type":"WordLevel","vocab":{"#).utf8
        )
        let tokens = specialTokens + counts.sorted.map(\.token)
        for (id, token) in tokens.enumerated() {
            text.append(contentsOf: "\(id > 0 ? "," : "")\"\(token)\":\(id)".utf8)
        }
        text.append(contentsOf: "},\"unk_token\":\"[UNK]\"}}\n".utf8)
        return text
    }

    private static var template: String {
        func piece(_ kind: String, _ id: String, _ type: Int) -> String {
            #"{"\#(kind)":{"id":"\#(id)","type_id":\#(type)}}"#
        }
        func special(_ token: String, _ id: Int) -> String {
            #""\#(token)":{"id":"\#(token)","ids":[\#(id)],"tokens":["\#(token)"]}"#
        }
        let (start, end) = (piece("SpecialToken", "[CLS]", 0), piece("SpecialToken", "[SEP]", 0))
        let single = [start, piece("Sequence", "A", 0), end]
        let pair = single + [piece("Sequence", "B", 1), piece("SpecialToken", "[SEP]", 1)]
        return #"{"type":"TemplateProcessing","single":[\#(single.joined(separator: ","))],"#
            + #""pair":[\#(pair.joined(separator: ","))],"#
            + #""special_tokens":{\#(special("[CLS]", 2)),\#(special("[SEP]", 3))}}"#
    }
}
