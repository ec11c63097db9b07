import Files
import TensorFiles

extension TokenFormat {
    /// A folder with one int32 array [T, G] per input.
    public static let npy = TokenFormat(.npy)
    /// NumPy's archive with one int32 array per input.
    public static let npz = TokenFormat(.npz)
    /// One file with a tensor per input.
    public static let safetensors = TokenFormat(.safetensors)
    /// Kaldi's archive and index.
    public static let kaldi = TokenFormat(.kaldi)

    /// Arrays of ids.
    private init(_ format: ArrayFormat) {
        self.init(rawValue: format.rawValue, summary: format.summary, content: .arrays(format))
    }
}

/// Writes the ids of each recording as an array under its name: [T, G] with pairs, [T] combined, [T·G] flat.
/// Durations are an array of their own, under `NAME.durations`.
final class TokenArrayWriter: TokenWriter {
    private let writer: any ArrayWriter
    /// The largest id there can be.
    private let largest: Int

    init(_ writer: any ArrayWriter, encoding: TokenEncoding) {
        (self.writer, largest) = (writer, encoding.largest)
    }

    func write(_ tokens: EncodedTokens) throws {
        let ids = OutputArray(
            name: tokens.name, shape: tokens.shape, elements: .integers(tokens.values, largest: largest))
        guard let values = tokens.durations else { return try writer.add([ids]) }
        let durations = OutputArray(
            name: tokens.name, ending: EncodedTokens.durationsEnding, shape: [values.count],
            elements: .integers(values, largest: .max))
        try writer.add([ids, durations])
    }

    func skip() {}

    func finish() throws { try writer.finish() }
}

extension TokenEncoding {
    /// Endings of the names under which a recording's arrays are kept.
    var arrayEndings: [String] { deduplicates ? ["", EncodedTokens.durationsEnding] : [""] }
}
