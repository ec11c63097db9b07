/// Writes one line per file, to a file or to standard output.
final class TokenLineWriter: TokenWriter {
    private let format: any TokenLineFormat
    private let output: any ByteOutput
    /// Reused from line to line.
    private var line: [UInt8] = []

    /// - Throws: `TokenFormatError` for a path that the format cannot hold, `FileError` for an output that
    ///   cannot be written.
    init(_ format: any TokenLineFormat, paths: [String], output: String?) throws {
        for path in paths { try format.check(path: path) }
        self.format = format
        self.output = try output.map { try AtomicFile(path: $0) } ?? StandardOutput()
    }

    func write(_ utterance: TokenizedUtterance) throws {
        try format.check(path: utterance.path)
        format.append(utterance, to: &line)
        try writeLine()
    }

    func skip(path: String) throws {
        guard format.countsLines else { return }
        try writeLine()
    }

    func finish() throws { try output.commit() }

    private func writeLine() throws {
        line.append(UInt8(ascii: "\n"))
        defer { line.removeAll(keepingCapacity: true) }
        try output.write(line)
    }
}
