import Files
import Foundation
import TensorFiles

/// A file of JSON objects, one per line, each written at once.
final class LogFile {
    private let path: String
    private let descriptor: Int32
    private let encoder = JSONEncoder.figures
    /// Of a run that is resumed, the lines of type `train` of the last update that stays.
    private(set) var lastTraining: [Data] = []

    /// Which lines of an earlier part of the run stay.
    struct Kept {
        /// Updates done: later lines go.
        var update: Int
        /// Whether a validation after that update goes too, because it will be made again.
        var withoutValidation = false
    }

    /// Starts an empty file, or goes on with the one of a run that is resumed.
    /// - Parameter kept: nil for a new run.
    /// - Throws: `TrainingError` or `FileError` with the file's name.
    init(_ path: String, keeping kept: Kept?) throws {
        self.path = path
        // A pipe would let the run wait for a reader.
        var flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        if let kept {
            lastTraining = try Self.drop(allBut: kept, of: path)
        } else {
            flags |= O_TRUNC
        }
        descriptor = Foundation.open(path, flags, 0o666)
        guard descriptor >= 0 else { throw Self.failure(path, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Self.failure(path, code: ENXIO)
        }
    }

    deinit { close(descriptor) }

    /// - Parameter type: what the line is about, under the key `type`.
    /// - Returns: the line.
    @discardableResult
    func append(_ record: some Encodable, type: String) throws -> Data {
        var line = try encoder.encode(Line(type: type, record: record))
        line.append(0x0A)
        if let code = line.withUnsafeBytes({ writeAll($0, to: descriptor) }) {
            throw Self.failure(path, code: code)
        }
        return line
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

    /// A crash leaves either the old file or the new one. A last line that was cut off by one goes; any other that cannot be read
    /// is not the run's and stays, for the user to see.
    /// - Returns: `lastTraining`.
    private static func drop(allBut keep: Kept, of path: String) throws -> [Data] {
        guard access(path, F_OK) == 0 else { return [] }
        struct Stamp: Decodable { let update: Int, type: String }
        let decoder = JSONDecoder()
        let before = Data(try InputFile(path: path).bytes())
        var (kept, last) = (Data(), [Data]())
        let lines = before.split(separator: 0x0A)
        for (index, line) in lines.enumerated() {
            if let stamp = try? decoder.decode(Stamp.self, from: Data(line)) {
                guard stamp.update <= keep.update,
                    !(keep.withoutValidation && stamp.update == keep.update && stamp.type == "validation")
                else { continue }
                if stamp.update == keep.update, stamp.type == "train", (try? Self.value(of: line)) != nil {
                    last.append(Data(line))
                }
            } else if index == lines.count - 1, before.last != 0x0A {
                continue
            }
            kept += line + [0x0A]
        }
        if kept != before { try AtomicFile.write(kept, to: path, followsLinks: false) }
        return last
    }

    /// What a line holds; stricter than the decoder of its stamp.
    static func value(of line: Data) throws -> JSONValue {
        try line.withUnsafeBytes { try JSONValue(parsing: $0) }
    }

    private static func failure(_ path: String, code: Int32) -> TrainingError {
        .logNotWritten(path, code: code)
    }
}
