import TensorFiles

/// Writes the ids of all recordings as tensors of one file, under each recording's name: I16 where every id
/// that there can be fits, else I32. Durations are I32, under `NAME.durations`. The description is the file's
/// metadata.
final class SafetensorsTokens: TokenWriter {
    private let file: SafetensorsStream
    private let isShort: Bool

    /// - Throws: `FileError` when the file cannot be written.
    init(path: String, encoding: TokenEncoding) throws {
        file = try SafetensorsStream(path: path)
        isShort = encoding.largest <= Int(Int16.max)
    }

    func write(_ tokens: EncodedTokens) throws {
        let name = tokens.name.description
        if isShort {
            let values = tokens.values.map { Int16(truncatingIfNeeded: $0) }
            try values.withUnsafeBytes { try file.add(name, .int16, shape: tokens.shape, $0) }
        } else {
            try tokens.values.withUnsafeBytes { try file.add(name, .int32, shape: tokens.shape, $0) }
        }
        guard let durations = tokens.durations else { return }
        try durations.withUnsafeBytes {
            try file.add(
                name + EncodedTokens.durationsEnding, .int32, shape: [durations.count], $0)
        }
    }

    func finish(_ description: OutputDescription) throws { try file.commit(metadata: description.metadata()) }
}
