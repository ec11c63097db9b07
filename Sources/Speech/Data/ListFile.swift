import Files
import SystemPackage

/// The lines of a list of recordings. Names in it are bytes, so the text need not be UTF-8.
struct ListFile {
    struct Line {
        /// In the file, from 1.
        let number: Int
        /// Without its end.
        let bytes: ArraySlice<UInt8>
    }

    /// What errors call it: its path, or "standard input".
    let name: String
    /// Those with more than spaces and tabs, without their ends (`\n` or `\r\n`) and without a byte order mark.
    let lines: [Line]

    /// - Throws: `DataError` that names the file.
    init(path: FilePath) throws(DataError) {
        try self.init(name: "\(path)") {
            let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try file.closeAfter { try Self.bytes(of: file) }
        }
    }

    /// Reads standard input to its end.
    static func standardInput() throws(DataError) -> ListFile {
        try ListFile(name: "standard input") { try bytes(of: .standardInput) }
    }

    private init(name: String, _ read: () throws -> [UInt8]) throws(DataError) {
        self.name = name
        let bytes: [UInt8]
        do {
            bytes = try read()
        } catch {
            throw DataError.unreadable(name, "\(error)")
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw DataError.list(name, problem: "is UTF-16 text: save it as UTF-8")
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var lines: [Line] = []
        var number = 0
        for line in bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0)
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        {
            number += 1
            // The system's calls would take a path up to the zero byte, which is another path.
            guard !line.contains(0) else {
                throw DataError.list(
                    name, line: number,
                    problem: "contains a zero byte: save it as text, one entry on each line")
            }
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if !line.trimmingBlanks.isEmpty { lines.append(Line(number: number, bytes: line)) }
        }
        self.lines = lines
    }

    /// What has no ends of lines is no list, however much of it there is.
    private struct LineTooLong: Error, CustomStringConvertible {
        let description = "a line of it has more than a mebibyte; give a list with a line for each recording"
    }

    private static func bytes(of file: FileDescriptor) throws -> [UInt8] {
        var (bytes, piece) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 20))
        var lastLine = 0
        while true {
            let count = try piece.withUnsafeMutableBytes { try file.read(into: $0) }
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
            let end = piece[..<count].lastIndex(of: UInt8(ascii: "\n"))
            lastLine = end.map { count - $0 } ?? lastLine + count
            guard lastLine <= 1 << 20 else { throw LineTooLong() }
        }
    }

    /// An error about a line.
    func problem(at line: Line, _ problem: String) -> DataError {
        .list(name, line: line.number, problem: problem)
    }

    /// An error about a line that is not as it should be.
    func problem(at line: Line, expected: String) -> DataError {
        problem(at: line, "expected \(expected), found \"\(line.bytes.shown)\"")
    }
}

/// Fields of lists end at spaces and tabs and nothing else: a name may hold any other byte, those of U+00A0 too.
extension ArraySlice<UInt8> {
    var trimmingBlanks: ArraySlice<UInt8> {
        var rest = self
        while let first = rest.first, Self.isBlank(first) { rest.removeFirst() }
        while let last = rest.last, Self.isBlank(last) { rest.removeLast() }
        return rest
    }

    static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// The bytes as text for a message, cut where they are many.
    var shown: String { String(decoding: prefix(100), as: UTF8.self) + (count > 100 ? "…" : "") }

    /// The number that the bytes spell.
    func number<Number: LosslessStringConvertible>(_: Number.Type) -> Number? {
        Number(String(decoding: self, as: UTF8.self))
    }
}
