import Files
import Foundation
import SystemPackage
import TensorFiles

/// What an output was made with and how to read it: the checkpoint, its hash and configuration, the options, and for
/// one that is no folder a digest of the recordings' names.
///
/// It depends on nothing else, so the parts of a divided job get descriptions that differ in the part alone.
public struct OutputDescription {
    /// Values by the key under which they stand in the file; the hash is added when it is needed.
    public private(set) var fields: [String: JSONValue]
    private let checkpoint: FileHash

    /// - Parameters:
    ///   - provenance: program, checkpoint and its configuration.
    ///   - facts: further entries, a value that is encoded as an object: where the frames lie, for one.
    /// - Throws: `JSONError` for a configuration that is not JSON, `EncodingError` for other facts.
    public init(_ provenance: Provenance, facts: some Encodable) throws {
        checkpoint = provenance.checkpoint
        fields = [
            Provenance.Key.program: .string(provenance.program),
            Provenance.Key.checkpoint: .string(provenance.checkpoint.path),
            Provenance.Key.configuration: try JSONValue(parsing: provenance.configuration),
        ]
        try add(facts)
    }

    /// Adds the entries of a value that is encoded as an object.
    /// - Throws: `EncodingError` for a value that is not.
    public mutating func add(_ facts: some Encodable) throws {
        let text = String(decoding: try JSONEncoder().encode(facts), as: UTF8.self)
        guard case .object(let more) = try JSONValue(parsing: text) else {
            let context = EncodingError.Context(codingPath: [], debugDescription: "facts are an object")
            throw EncodingError.invalidValue(facts, context)
        }
        for (key, value) in more { fields[key] = value }
    }

    /// Says of which recordings the output is to be, by which `--skip-existing` notices that there are others now. A folder
    /// grows with them.
    /// - Parameters:
    ///   - recordings: all of them, those of other parts too.
    ///   - part: of a divided job, such as `1/8`; nil for all.
    public mutating func note(_ recordings: [RecordingName], part: String?, in location: OutputLocation?) {
        guard location?.folder == nil else { return }
        var digest = ListDigest()
        for recording in recordings {
            digest.add(recording.name.bytes + [UInt8(ascii: "\t")] + recording.path.bytes)
            digest.endPart()
        }
        fields[Self.recordingsKey] = .string(digest.text)
        fields[Self.shardKey] = part.map { .string($0) }
    }

    /// See `RecordingOutput`.
    mutating func noteUnread(_ count: Int) {
        if count > 0 { fields[Self.unreadKey] = .integer(count) }
    }

    fileprivate static let unreadKey = "unread_recordings"
    fileprivate static let recordingsKey = "recordings_digest"
    fileprivate static let shardKey = "shard"
    /// Of `TokenOutputOptions.description`.
    fileprivate static let labelsKey = "labels"
    static let vocabularyKey = "vocabulary"

    /// The hash of the checkpoint in hexadecimal digits; waits until it is known.
    /// - Throws: `FileError` where the checkpoint could not be read.
    public func checkpointSHA256() throws -> String { try checkpoint.value() }

    /// Writes the description as a JSON document.
    /// - Throws: `FileError`.
    func write(to file: any ByteOutput) throws {
        try file.write(JSONEncoder.line.document(JSONValue.object(JSONObject(whole()))))
    }

    /// The description as pairs of strings: what is not a string is a JSON document.
    /// - Throws: `FileError` where the checkpoint could not be read.
    func metadata() throws -> [String: String] { try whole().mapValues { try Self.text($0) } }

    fileprivate static func text(_ value: JSONValue) throws -> String {
        if case .string(let text) = value { return text }
        return String(decoding: try JSONEncoder.line.encode(value), as: UTF8.self)
    }

    private func whole() throws -> [String: JSONValue] {
        fields.merging([Provenance.Key.hash: .string(try checkpointSHA256())]) { $1 }
    }
}

extension OutputDescription {
    /// The description that an output has, as pairs of strings.
    struct Record {
        private let entries: [String: String]

        /// Nil where there is none, or something else.
        /// - Throws: `FileError` for a file that is there and cannot be read.
        init?(path: String) throws {
            guard let bytes = try Self.bytes(path),
                case .object(let fields)? = bytes.withUnsafeBytes({ try? JSONValue(parsing: $0) })
            else { return nil }
            var entries: [String: String] = [:]
            for (key, value) in fields { entries[key] = try? OutputDescription.text(value) }
            self.init(entries)
        }

        /// Nil for a file without a description in its metadata.
        /// - Throws: `FileError` for a file that cannot be read.
        init?(safetensors path: String) throws {
            do {
                self.init(try SafetensorsFile(path: path).metadata)
            } catch is SafetensorsError {
                return nil
            }
        }

        /// Nil where there is no such file.
        private static func bytes(_ path: String) throws -> [UInt8]? {
            guard FilePath(path).isFile else { return nil }
            return try InputFile(path: path).bytes()
        }

        /// Refuses a description that was cut off, or has become something else.
        /// - Throws: `FileError`.
        static func requireWhole(_ path: String) throws {
            guard let bytes = try bytes(path),
                (try? bytes.withUnsafeBytes { try JSONValue(parsing: $0) }) == nil
            else { return }
            throw FileError.unusable(
                path: path,
                problem:
                    "does not describe what it stands beside: it is no JSON; make both anew, or remove it")
        }

        private init?(_ entries: [String: String]) {
            let keys = [Provenance.Key.program, Provenance.Key.hash, Provenance.Key.configuration]
            guard keys.allSatisfy({ entries[$0] != nil }) else { return nil }
            self.entries = entries
        }

        subscript(key: String) -> String? { entries[key] }

        /// Whether recordings are missing that can perhaps be read now.
        var lacksRecordings: Bool { entries[unreadKey] != nil }

        /// - Throws: `OutputError` where the output was made with another checkpoint or other options; `FileError`
        ///   where the checkpoint cannot be read.
        func requireMade(as description: OutputDescription, output: String) throws {
            let wanted = try description.metadata()
            if let difference = difference(from: wanted) {
                throw OutputError.madeOtherwise(output: output, difference: difference)
            }
        }

        /// - Throws: `FileError` where the checkpoint cannot be read.
        func isMade(as description: OutputDescription) throws -> Bool {
            difference(from: try description.metadata()) == nil
        }

        /// Another version of the program computes the same, and the same checkpoint may have another path.
        private func difference(from wanted: [String: String]) -> String? {
            guard entries[Provenance.Key.hash] == wanted[Provenance.Key.hash] else {
                return "another checkpoint (SHA-256 \((entries[Provenance.Key.hash] ?? "").prefix(12))…)"
            }
            var ignored = [
                Provenance.Key.program, Provenance.Key.checkpoint, Provenance.Key.configuration, unreadKey,
                recordingsKey, vocabularyKey,
            ]
            if entries[recordingsKey] == nil {
                // Earlier versions did not say of which recordings an output is, nor all options.
                ignored += [shardKey, labelsKey]
            } else if let digest = wanted[recordingsKey], digest != entries[recordingsKey] {
                return "other recordings, from other folders or in another order"
            }
            let keys = Set(entries.keys).union(wanted.keys).subtracting(ignored).sorted()
            guard let key = keys.first(where: { entries[$0] != wanted[$0] }) else { return nil }
            func value(_ entries: [String: String]) -> String { entries[key].map { quoted($0) } ?? "none" }
            return "other options: \(key) is \(value(entries)) there and \(value(wanted)) here"
        }
    }
}
