import Files
import TensorFiles

/// Writes an archive with its index: pairs as matrices of floats [T, G], combined and flat ids as vectors of
/// integers. Durations go to an archive of their own, `X.durations.ark`, as vectors of integers.
final class KaldiTokens: TokenWriter {
    private let archive: ArkWriter
    private let durations: ArkWriter?

    /// - Throws: `FileError` when the files cannot be written.
    init(output: String, encoding: TokenEncoding) throws {
        let paths = ArkPaths(output: output)
        archive = try ArkWriter(archive: paths.archive, index: paths.index)
        let other = ArkPaths(output: output, part: EncodedTokens.durationsEnding)
        durations = encoding.deduplicates ? try ArkWriter(archive: other.archive, index: other.index) : nil
    }

    func write(_ tokens: EncodedTokens) throws {
        if tokens.ids == .pair {
            try tokens.values.map { Float($0) }.withUnsafeBufferPointer {
                try archive.add(tokens.name, rows: tokens.rows, columns: tokens.columns, $0)
            }
        } else {
            try archive.add(tokens.name, tokens.values)
        }
        if let durations, let values = tokens.durations { try durations.add(tokens.name, values) }
    }

    func finish(_ description: OutputDescription) throws {
        try durations?.commit()
        try archive.commit()
    }

    static var names: NameRule { NameRule(format: "kaldi", problem: ArkWriter.problem) }

    /// Every integer up to here is a float.
    static let largestFloat = 1 << 24
}
