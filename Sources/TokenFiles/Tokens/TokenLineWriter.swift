import Files

/// What one line of a token file looks like.
protocol TokenLineFormat {
    /// Whether line n has to belong to input n, so that an input without tokens needs an empty line.
    var countsLines: Bool { get }

    /// Appends the line without its end.
    func append(_ tokens: EncodedTokens, to line: inout [UInt8])

    /// Appends the line of the durations, in formats that keep them in a file of their own.
    func append(durations: [Int32], of tokens: EncodedTokens, to line: inout [UInt8])
}

extension TokenLineFormat {
    var countsLines: Bool { false }

    func append(durations: [Int32], of tokens: EncodedTokens, to line: inout [UInt8]) {
        line.append(durations, between: UInt8(ascii: " "))
    }
}

/// Writes one line per file, to a file or to standard output.
final class TokenLineWriter: TokenWriter {
    private let format: any TokenLineFormat
    private let output: any ByteOutput
    private let durations: AtomicFile?
    /// Reused from line to line.
    private var line: [UInt8] = []

    /// - Parameters:
    ///   - output: nil for standard output.
    ///   - durations: the file of the durations where they do not stand in the lines.
    /// - Throws: `FileError` for an output that cannot be written.
    init(_ format: any TokenLineFormat, output: String?, durations: String? = nil) throws {
        self.format = format
        self.output = try output.map { try AtomicFile(path: $0) } ?? StandardOutput()
        self.durations = try durations.map { try AtomicFile(path: $0) }
    }

    func write(_ tokens: EncodedTokens) throws {
        format.append(tokens, to: &line)
        try writeLine(to: output)
        guard let durations, let values = tokens.durations else { return }
        format.append(durations: values, of: tokens, to: &line)
        try writeLine(to: durations)
    }

    func skip() throws {
        guard format.countsLines else { return }
        try writeLine(to: output)
        if let durations { try writeLine(to: durations) }
    }

    func finish(_ description: OutputDescription) throws {
        try durations?.commit()
        try output.commit()
    }

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

    mutating func append(_ values: [Int32], between separator: UInt8) {
        for (index, value) in values.enumerated() {
            if index > 0 { append(separator) }
            append(decimal: Int(value))
        }
    }

    /// Appends a JSON array: of arrays with pairs, of numbers with combined and flat ids.
    mutating func append(json tokens: EncodedTokens) {
        append(UInt8(ascii: "["))
        if tokens.ids == .pair {
            var column = 0
            for (index, value) in tokens.values.enumerated() {
                if column == 0 {
                    append(contentsOf: (index == 0 ? "[" : ",[").utf8)
                } else {
                    append(UInt8(ascii: ","))
                }
                append(decimal: Int(value))
                column += 1
                if column == tokens.columns {
                    append(UInt8(ascii: "]"))
                    column = 0
                }
            }
        } else {
            append(tokens.values, between: UInt8(ascii: ","))
        }
        append(UInt8(ascii: "]"))
    }

    /// Appends `,"durations":[…]` where there are any.
    mutating func append(jsonDurations tokens: EncodedTokens) {
        guard let durations = tokens.durations else { return }
        append(contentsOf: ",\"durations\":[".utf8)
        append(durations, between: UInt8(ascii: ","))
        append(UInt8(ascii: "]"))
    }
}
