import Files
import SystemPackage

/// The text of an alignment file: UTF-8, or UTF-16 with a byte order mark.
struct AlignmentText {
    struct Line {
        /// In the file, from 1.
        let number: Int
        let text: Substring
    }

    let path: String
    /// Without a byte order mark.
    let text: String

    /// - Throws: `FileError` where the file cannot be read, `AlignmentError` where it is no text.
    init(path: FilePath) throws {
        let file = try InputFile(path: path)
        try self.init(path: "\(path)", bytes: try file.bytes(0..<file.count))
    }

    /// - Throws: `AlignmentError` where it is no text.
    init(path: String, bytes: [UInt8]) throws(AlignmentError) {
        self.path = path
        guard !bytes.starts(with: "ooBinaryFile".utf8) else {
            throw .malformed(path: path, line: 1, .binary)
        }
        guard let text = Self.decode(bytes) else { throw .malformed(path: path, line: nil, .notText) }
        if let zero = text.utf8.firstIndex(of: 0) {
            let line = 1 + text.utf8[..<zero].count { $0 == UInt8(ascii: "\n") }
            throw .malformed(path: path, line: line, .zeroByte)
        }
        self.text = text
    }

    private static func decode(_ bytes: [UInt8]) -> String? {
        for (mark, high) in [([0xFE, 0xFF] as [UInt8], 0), ([0xFF, 0xFE], 1)] where bytes.starts(with: mark) {
            guard bytes.count.isMultiple(of: 2) else { return nil }
            let units = stride(from: 2, to: bytes.count, by: 2).map { place in
                UInt16(bytes[place + high]) << 8 | UInt16(bytes[place + 1 - high])
            }
            return String(validating: units, as: UTF16.self)
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        return String(validating: bytes.dropFirst(bytes.starts(with: mark) ? mark.count : 0), as: UTF8.self)
    }

    /// Those with more than white space, without their ends (`\n`, `\r\n` or `\r`).
    var lines: [Line] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
            .enumerated().lazy.map { Line(number: $0 + 1, text: $1) }
            .filter { !$0.text.allSatisfy(\.isWhitespace) }
    }

    func problem(_ problem: AlignmentError.Problem, at line: Int?) -> AlignmentError {
        .malformed(path: path, line: line, problem)
    }
}

extension AlignmentText.Line {
    /// Between spaces and tabs.
    var fields: [Substring] { text.split { $0 == " " || $0 == "\t" } }
}

extension Substring {
    /// A time as files spell it: digits, sign, point and exponent, and nothing else that Swift reads.
    func time() throws(AlignmentError.Problem) -> Double {
        let isPlain = utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                true
            default: false
            }
        }
        guard let value = Double(self) else { throw .notNumber(String(self)) }
        guard value.isFinite else { throw .notFinite }
        guard isPlain else { throw .notNumber(String(self)) }
        guard value >= 0 else { throw .negative(String(self)) }
        return value
    }

    /// Without spaces at either end.
    var trimmed: Substring {
        var rest = drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return rest
    }

    /// A whole number of samples or of units of time.
    func wholeNumber() throws(AlignmentError.Problem) -> Int {
        if let value = Int(self) {
            guard value >= 0 else { throw .negative(String(self)) }
            return value
        }
        guard let value = Double(self) else { throw .notNumber(String(self)) }
        throw value.isFinite && abs(value) < 1e15 ? .notWhole(String(self)) : .notFinite
    }
}
