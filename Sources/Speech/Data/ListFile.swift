import Foundation

/// The lines of a list of recordings.
struct ListFile {
    /// What errors call it: its path, or "standard input".
    let name: String
    /// Without their ends (`\n` or `\r\n`); empty ones at the end are left out.
    let lines: [Substring]

    /// - Parameter kind: what the file should be, for the error if it is not text.
    /// - Throws: `DataError` that names the file.
    init(path: String, kind: String) throws(DataError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DataError("\(path): cannot be read")
        }
        try self.init(data, name: path, kind: kind)
    }

    /// Reads standard input to its end.
    static func standardInput() throws(DataError) -> ListFile {
        let name = "standard input"
        guard let data = try? FileHandle.standardInput.readToEnd() ?? Data() else {
            throw DataError("\(name): cannot be read")
        }
        return try ListFile(data, name: name, kind: "a list of paths")
    }

    private init(_ data: Data, name: String, kind: String) throws(DataError) {
        guard let text = String(validating: data, as: UTF8.self) else {
            throw DataError("\(name): is not \(kind): it is not UTF-8 text")
        }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { Substring($0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0) }
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        // The system's calls would take a path up to the zero byte, which is another path.
        if let bad = lines.firstIndex(where: { $0.utf8.contains(0) }) {
            throw DataError("\(name):\(bad + 1): contains a zero byte: put one recording on each line")
        }
        (self.name, self.lines) = (name, lines)
    }

    /// An error about a line.
    /// - Parameter index: of the line, from 0.
    func problem(at index: Int, _ problem: String) -> DataError {
        DataError("\(name):\(index + 1): \(problem)")
    }
}
