import Files
import TensorFiles

/// A `tokenizer.json` of Hugging Face's `tokenizers`, of type WordLevel: text is divided at white space, and
/// every token of the vocabulary is a word. (The pre-tokenizer `Whitespace` would also divide `3-17` at its
/// dash.)
///
/// The special tokens are BERT's, with the ids 0 to 4; the others follow in the order of their counts. A
/// sequence becomes `[CLS] … [SEP]`, a pair of sequences `[CLS] … [SEP] … [SEP]`. Properties, or keys where there
/// are any, stand in the order in which they are written.
struct WordLevelTokenizer: Encodable {
    let version = "1.0"
    let truncation = Null()
    let padding = Null()
    let addedTokens: [AddedToken]
    let normalizer = Null()
    let preTokenizer = ["type": "WhitespaceSplit"]
    let postProcessor = Template()
    let decoder = Null()
    let model: Model

    enum CodingKeys: String, CodingKey {
        case version, truncation, padding
        case addedTokens = "added_tokens"
        case normalizer
        case preTokenizer = "pre_tokenizer"
        case postProcessor = "post_processor"
        case decoder, model
    }

    static let specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    init(_ counts: TokenCounts) {
        addedTokens = Self.specialTokens.enumerated().map { AddedToken(id: $0, content: $1) }
        model = Model(vocab: Vocabulary(tokens: Self.specialTokens + counts.sorted.map(\.token)))
    }

    /// - Throws: `EncodingError`.
    static func bytes(_ counts: TokenCounts) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try OrderedJSONEncoder().encode(Self(counts), to: &bytes)
        return bytes + [UInt8(ascii: "\n")]
    }

    struct Null: Encodable {
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encodeNil()
        }
    }

    struct AddedToken: Encodable {
        let id: Int
        let content: String
        let singleWord = false
        let lstrip = false
        let rstrip = false
        let normalized = false
        let special = true

        enum CodingKeys: String, CodingKey {
            case id, content
            case singleWord = "single_word"
            case lstrip, rstrip, normalized, special
        }
    }

    struct Model: Encodable {
        let type = "WordLevel"
        let vocab: Vocabulary
        let unknown = "[UNK]"

        enum CodingKeys: String, CodingKey {
            case type, vocab
            case unknown = "unk_token"
        }
    }

    /// Tokens as keys, their places as values.
    struct Vocabulary: Encodable {
        let tokens: [String]

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for (id, token) in tokens.enumerated() {
                try container.encode(id, forKey: Key(stringValue: token))
            }
        }
    }

    /// What is put around sequences.
    struct Template: Encodable {
        let type = "TemplateProcessing"
        let single = [Piece.start, .sequence("A", 0), .end(0)]
        let pair = [Piece.start, .sequence("A", 0), .end(0), .sequence("B", 1), .end(1)]
        let specialTokens = SpecialTokens()

        enum CodingKeys: String, CodingKey {
            case type, single, pair
            case specialTokens = "special_tokens"
        }
    }

    struct Piece: Encodable {
        let kind: String
        let content: Content

        struct Content: Encodable {
            let id: String
            let type: Int

            enum CodingKeys: String, CodingKey {
                case id
                case type = "type_id"
            }
        }

        static let start = Piece(kind: "SpecialToken", content: Content(id: "[CLS]", type: 0))

        static func end(_ type: Int) -> Piece {
            Piece(kind: "SpecialToken", content: Content(id: "[SEP]", type: type))
        }

        static func sequence(_ id: String, _ type: Int) -> Piece {
            Piece(kind: "Sequence", content: Content(id: id, type: type))
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(content, forKey: Key(stringValue: kind))
        }
    }

    struct SpecialTokens: Encodable {
        struct Token: Encodable {
            let id: String
            let ids: [Int32]
            let tokens: [String]
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            for (token, id) in [("[CLS]", Int32(2)), ("[SEP]", 3)] {
                try container.encode(
                    Token(id: token, ids: [id], tokens: [token]), forKey: Key(stringValue: token))
            }
        }
    }

    /// A name that is not known beforehand.
    struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }
}
