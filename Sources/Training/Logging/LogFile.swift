import Foundation

/// A file of JSON objects, one per line, each written at once.
final class LogFile {
    private let url: URL
    private let handle: FileHandle
    private let encoder = JSONEncoder()

    /// Starts an empty file, or goes on with the one of a run that is resumed.
    /// - Parameter update: the last update whose lines are kept; nil for a new run.
    /// - Throws: `TrainingError` with the file's name.
    init(_ url: URL, resumingAfter update: Int?) throws {
        self.url = url
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            let kept = try update.map { try Self.lines(of: url, upTo: $0) } ?? Data()
            try Self.replace(url, with: kept)
            handle = try FileHandle(forWritingTo: url)
            try handle.seekToEnd()
        } catch {
            throw TrainingError("\(url.relativePath): the log cannot be written; \(Self.reason(error))")
        }
    }

    deinit { try? handle.close() }

    /// - Parameter type: what the line is about, under the key `type`.
    func append(_ record: some Encodable, type: String) throws {
        do {
            var line = try encoder.encode(Line(type: type, record: record))
            line.append(0x0A)
            try handle.write(contentsOf: line)
        } catch {
            throw TrainingError("\(url.relativePath): the log cannot be written; \(Self.reason(error))")
        }
    }

    private struct Line<Record: Encodable>: Encodable {
        let type: String
        let record: Record
        private enum CodingKeys: CodingKey { case type }

        func encode(to encoder: any Encoder) throws {
            try record.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(type, forKey: .type)
        }
    }

    /// The lines of updates up to the given one. A line that was cut off by a crash has no readable update.
    private static func lines(of url: URL, upTo update: Int) throws -> Data {
        guard FileManager.default.fileExists(atPath: url.path) else { return Data() }
        struct Stamp: Decodable { let update: Int }
        let decoder = JSONDecoder()
        var kept = Data()
        for line in try Data(contentsOf: url).split(separator: 0x0A) {
            guard let stamp = try? decoder.decode(Stamp.self, from: Data(line)), stamp.update <= update else {
                continue
            }
            kept += line + [0x0A]
        }
        return kept
    }

    /// A crash leaves either the old file or the new one.
    private static func replace(_ url: URL, with data: Data) throws {
        let temporary = url.appendingPathExtension("tmp")
        try data.write(to: temporary)
        let handle = try FileHandle(forWritingTo: temporary)
        try handle.synchronize()
        try handle.close()
        guard rename(temporary.path, url.path) == 0 else {
            let code = errno
            unlink(temporary.path)
            throw POSIXError(.init(rawValue: code) ?? .EIO)
        }
    }

    private static func reason(_ error: any Error) -> String {
        let code =
            (error as? POSIXError)?.code
            ?? ((error as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError)?.code
        return code.map { String(cString: strerror($0.rawValue)) } ?? error.localizedDescription
    }
}
