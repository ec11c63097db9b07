import Files

/// What the lines of a token file look like: one for each recording.
struct TokenLines: Sendable {
    /// Whether line n has to belong to input n, so that an input without tokens needs an empty line.
    var countsInputs = false

    /// Appends the line without its end.
    let append: @Sendable (_ tokens: EncodedTokens, _ line: inout [UInt8]) throws -> Void

    /// Appends the line of the durations, in formats that keep them in a file of their own.
    var durations: (@Sendable (_ durations: [Int32], _ tokens: EncodedTokens, _ line: inout [UInt8]) -> Void)?
}

/// Writes the tokens of one recording after the other, in the order of the inputs.
protocol TokenWriter: AnyObject {
    /// - Throws: `FileError` when the output cannot be written.
    func write(_ tokens: EncodedTokens) throws

    /// Takes note of a recording that has no tokens. Formats whose lines are counted leave an empty one.
    /// - Throws: as `write`.
    func skip() throws

    /// Writes what stands at the end of files, which then wait to be published with their group.
    /// - Throws: `FileError`.
    func finish() throws
}

/// Writes lines, to a file or to standard output.
final class TokenLineWriter: TokenWriter {
    private let lines: TokenLines
    private let output: any ByteOutput
    private let durations: (any ByteOutput)?
    /// Reused from line to line.
    private var line: [UInt8] = []

    /// - Parameter durations: the file of the durations where they do not stand in the lines.
    init(_ lines: TokenLines, output: any ByteOutput, durations: (any ByteOutput)?) {
        (self.lines, self.output, self.durations) = (lines, output, durations)
    }

    func write(_ tokens: EncodedTokens) throws {
        try lines.append(tokens, &line)
        try writeLine(to: output)
        guard let durations, let append = lines.durations, let values = tokens.durations else { return }
        append(values, tokens, &line)
        try writeLine(to: durations)
    }

    func skip() throws {
        guard lines.countsInputs else { return }
        try writeLine(to: output)
        if let durations { try writeLine(to: durations) }
    }

    func finish() {}

    /// In one call, so that a line comes whole to whoever reads along.
    private func writeLine(to file: any ByteOutput) throws {
        line.append(UInt8(ascii: "\n"))
        defer { line.removeAll(keepingCapacity: true) }
        try file.write(line)
    }
}

extension [UInt8] {
    /// Appends the numbers of all rows: those of a row with a dash between them, rows with a space.
    mutating func append(dashed tokens: EncodedTokens) {
        var column = 0
        for (index, value) in tokens.values.enumerated() {
            if index > 0 { append(UInt8(ascii: column == 0 ? " " : "-")) }
            append(decimal: Int(value))
            column = column + 1 == tokens.columns ? 0 : column + 1
        }
    }
}
