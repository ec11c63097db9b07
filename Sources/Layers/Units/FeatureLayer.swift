/// An output of a model that can be had for each frame.
public enum FeatureLayer: Hashable, Sendable {
    /// The encoder's output; of wav2vec 2.0 behind its layer norm.
    case z
    /// Gumbel: the noise-free logits of all codewords, V for each group.
    case logits
    /// ẑ, the codewords that were chosen, those of the groups side by side.
    case quantized
    /// The output of what sees many frames: the aggregator, or the transformer.
    case c
    /// What has passed so many layers of the aggregator or the transformer, from 1 on: of the latter fairseq's `output_layer`,
    /// Hugging Face's `hidden_states[n]`, without a norm behind the last layer.
    case layer(Int)
}

extension FeatureLayer: RawRepresentable {
    /// The name on the command line.
    public init?(rawValue: String) {
        switch rawValue {
        case "z": self = .z
        case "logits": self = .logits
        case "quantized": self = .quantized
        case "c": self = .c
        default:
            guard rawValue.hasPrefix(Self.prefix), let number = Int(rawValue.dropFirst(Self.prefix.count)),
                number > 0, rawValue == "\(Self.prefix)\(number)"
            else { return nil }
            self = .layer(number)
        }
    }

    public var rawValue: String {
        switch self {
        case .z: "z"
        case .logits: "logits"
        case .quantized: "quantized"
        case .c: "c"
        case .layer(let number): "\(Self.prefix)\(number)"
        }
    }

    private static let prefix = "layer."
}

extension FeatureLayer {
    /// - Throws: `ModelError.tooLarge`.
    package func require(bytes needed: Double, available: Int) throws {
        // What is small finds a place in memory that the process has already.
        guard needed <= Double(max(available, 1 << 26)) else {
            throw ModelError.tooLarge(self, needed: needed, available: Double(available))
        }
    }
}
