import Files
import Foundation
import TensorFiles

/// Reads formats of lines: tsv, fairseq, gslm, jsonl, lhotse.
struct TokenLinesReader {
    private struct Line {
        /// From 1.
        let number: Int
        let bytes: ArraySlice<UInt8>
    }

    private let path: String
    private let format: TokenFormat
    private let options: TokenInputOptions
    private let lines: [Line]

    /// - Throws: `FileError` where the file cannot be read.
    init(path: String, format: TokenFormat, options: TokenInputOptions) throws {
        (self.path, self.format, self.options) = (path, format, options)
        lines = try Self.lines(of: path)
    }

    private static func lines(of path: String) throws -> [Line] {
        let file = try InputFile(path: path)
        var lines = try file.bytes(0..<file.count).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
        ).enumerated().map { Line(number: $0 + 1, bytes: $1.last == 0x0D ? $1.dropLast() : $1) }
        // What follows the last line's end is no line.
        if lines.last?.bytes.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// - Throws: `TokenInputError` that names the line.
    func tokens() throws -> [RawTokens] {
        if format == .fairseq {
            guard !options.names.isEmpty else { throw TokenInputError.noNames(path: path) }
            guard options.names.count == lines.count else {
                throw TokenInputError.otherNames(path: path, lines: lines.count, names: options.names.count)
            }
        }
        var tokens: [RawTokens] = []
        for (index, line) in lines.enumerated() {
            // Of a recording that could not be used.
            if line.bytes.isEmpty { continue }
            do {
                tokens.append(try read(line, index: index))
            } catch let problem as TokenInputError.Problem {
                throw TokenInputError.malformed(path: path, at: .line(line.number), problem)
            }
        }
        return try addDurations(to: tokens)
    }

    private func read(_ line: Line, index: Int) throws -> RawTokens {
        func raw(_ name: ByteString, _ frames: ArraySlice<UInt8>) throws -> RawTokens {
            let (values, columns) = try Self.numbers(frames)
            return RawTokens(name: name, line: line.number, values: values, columns: columns)
        }
        switch format {
        case .tsv:
            let fields = line.bytes.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            guard fields.count == 2 || fields.count == 3 else {
                throw TokenInputError.Problem.fields("\"path<tab>ids\"")
            }
            var tokens = try raw(options.nameOfPath(ByteString(fields[0])), fields[1])
            if fields.count == 3 { tokens.durations = try Self.numbers(fields[2]).values }
            return tokens
        case .gslm:
            guard let bar = line.bytes.firstIndex(of: UInt8(ascii: "|")) else {
                throw TokenInputError.Problem.fields("\"name|ids\"")
            }
            return try raw(ByteString(line.bytes[..<bar]), line.bytes[(bar + 1)...])
        case .fairseq: return try raw(options.names[index], line.bytes)
        default: return try object(line)
        }
    }

    /// A line of `jsonl` or `lhotse`.
    private func object(_ line: Line) throws -> RawTokens {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: String(decoding: line.bytes, as: UTF8.self))
        } catch {
            throw TokenInputError.Problem.json("\(error)")
        }
        let isLhotse = format == .lhotse
        let custom = isLhotse ? value.member("custom") : value
        // fastabx and textless have `audio` and `units`.
        let audio: JSONValue? = isLhotse ? nil : value.member("audio")
        guard case .string(let text)? = value.member(isLhotse ? "id" : "name") ?? audio,
            case .array(let rows)? = custom?.member(isLhotse ? "tokens" : "ids") ?? value.member("units")
        else {
            throw TokenInputError.Problem.fields(
                isLhotse
                    ? "\"id\" and \"custom\" with \"tokens\""
                    : "\"name\" and \"ids\", or \"audio\" and \"units\"")
        }
        let name =
            value.member("name") == nil && !isLhotse
            ? options.nameOfPath(ByteString(text)) : ByteString(text)
        let recording = isLhotse ? value.member("recording") : value
        var tokens = RawTokens(
            name: name, line: line.number,
            samples: recording?.member(isLhotse ? "num_samples" : "samples")?.wholeNumber,
            sampleRate: recording?.member(isLhotse ? "sampling_rate" : "rate")?.wholeNumber.flatMap {
                $0 > 0 ? $0 : nil
            }, values: [], columns: 1)
        if case .array(let first)? = rows.first { tokens.columns = first.count }
        for row in rows {
            guard case .array(let row) = row else {
                tokens.values.append(try row.id())
                continue
            }
            guard row.count == tokens.columns else {
                throw TokenInputError.Problem.columns(row.count, others: tokens.columns)
            }
            for value in row { tokens.values.append(try value.id()) }
        }
        if case .array(let durations)? = custom?.member("durations") {
            tokens.durations = try durations.map { try $0.id() }
        }
        return tokens
    }

    /// Durations of `fairseq` and `gslm` stand in a file beside.
    private func addDurations(to tokens: [RawTokens]) throws -> [RawTokens] {
        let beside = FairseqCompanion.path(of: path, suffix: "dur")
        guard format == .fairseq || format == .gslm, FileManager.default.fileExists(atPath: beside) else {
            return tokens
        }
        let lines = try Self.lines(of: beside)
        return try tokens.map { tokens in
            var tokens = tokens
            guard let number = tokens.line, number <= lines.count else {
                throw TokenInputError.malformed(
                    path: beside, at: .line(lines.count), .durations(0, frames: tokens.values.count))
            }
            let bytes = lines[number - 1].bytes
            let bar = bytes.firstIndex(of: UInt8(ascii: "|"))
            do throws(TokenInputError.Problem) {
                if let bar, ByteString(bytes[..<bar]) != tokens.name {
                    throw .durationsOf("\(ByteString(bytes[..<bar]))", tokens: "\(tokens.name)")
                }
                tokens.durations = try Self.numbers(bytes[(bar.map { $0 + 1 } ?? bytes.startIndex)...]).values
            } catch {
                throw TokenInputError.malformed(path: beside, at: .line(number), error)
            }
            return tokens
        }
    }

    /// Frames between spaces, ids of a frame between dashes: [rows, columns].
    private static func numbers(
        _ text: ArraySlice<UInt8>
    ) throws(TokenInputError.Problem) -> (values: [Int32], columns: Int) {
        var (values, columns) = ([Int32](), 1)
        let frames = text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }
        for (index, frame) in frames.enumerated() {
            let before = values.count
            var (id, digits) = (0, 0)
            for byte in frame {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9") where id <= Int(Int32.max):
                    (id, digits) = (id * 10 + Int(byte - UInt8(ascii: "0")), digits + 1)
                case UInt8(ascii: "-") where digits > 0 && id <= Int(Int32.max):
                    values.append(Int32(id))
                    (id, digits) = (0, 0)
                default: throw .notIDs(String(decoding: frame, as: UTF8.self))
                }
            }
            guard digits > 0, let last = Int32(exactly: id) else {
                throw .notIDs(String(decoding: frame, as: UTF8.self))
            }
            values.append(last)
            if index == 0 { columns = values.count }
            guard values.count - before == columns else {
                throw .columns(values.count - before, others: columns)
            }
        }
        return (values, columns)
    }
}

extension JSONValue {
    fileprivate func member(_ key: String) -> JSONValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    /// From 0 on.
    fileprivate var wholeNumber: Int? {
        if case .integer(let value) = self, value >= 0 { value } else { nil }
    }

    fileprivate func id() throws(TokenInputError.Problem) -> Int32 {
        guard case .integer(let value) = self, let id = Int32(exactly: value), id >= 0 else {
            throw .notIDs(description)
        }
        return id
    }
}
