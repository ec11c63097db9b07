import Communication
import Files
import Foundation
import TokenFiles

/// What a process has made of its recordings, until the first process writes it: one record after the other, in memory
/// or a file without a name.
struct ItemSpool {
    /// What a record says beside the item.
    struct Note: Codable {
        /// Of the recording that was used; nil for one that could not be.
        var audioSeconds: Double?
        /// Of the item.
        var numbers: [Int] = []
        var bytes = 0
    }

    private let spool = ByteSpool(for: FileManager.default.temporaryDirectory.path + "/vqw2v")

    /// - Throws: `FileError` where the file cannot be written.
    func append(_ item: some RecordingItem, audioSeconds: Double) throws {
        try item.withValues { values in
            try append(
                Note(audioSeconds: audioSeconds, numbers: item.numbers, bytes: values.count))
            try spool.append(values)
        }
    }

    /// A recording that could not be used.
    func appendNothing() throws { try append(Note()) }

    private func append(_ note: Note) throws {
        let text = try JSONEncoder().encode(note)
        try withUnsafeBytes(of: Int64(text.count)) { try spool.append($0) }
        try Array(text).withUnsafeBytes { try spool.append($0) }
    }

    /// Hands everything to the first process, which takes the records in the order of ranks.
    /// - Parameter take: of a record of a process, its values in it.
    /// - Throws: `ProcessFailure` where one process fails, `CommunicationError`.
    func deliver(
        among communicator: any Communicator, take: (_ rank: Int, Note, _ values: [UInt8]) throws -> Void
    ) throws {
        var (sender, pending) = (0, [UInt8]())
        try communicator.deliver(
            count: spool.count, read: { try spool.read(at: $0, into: $1) },
            take: { rank, bytes in
                if rank != sender { (sender, pending) = (rank, []) }
                pending.append(contentsOf: bytes)
                var start = 0
                while let (note, values) = try Self.record(pending, from: &start) {
                    try take(rank, note, values)
                }
                pending.removeFirst(start)
            })
    }

    /// The record at a place, which is moved behind it; nil where not all of it is there.
    private static func record(_ bytes: [UInt8], from start: inout Int) throws -> (Note, [UInt8])? {
        let head = start + 8
        guard head <= bytes.count else { return nil }
        let length = bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: head - 8, as: Int64.self)) }
        guard head + length <= bytes.count else { return nil }
        let note = try JSONDecoder().decode(Note.self, from: Data(bytes[head..<head + length]))
        let end = head + length + note.bytes
        guard end <= bytes.count else { return nil }
        start = end
        return (note, Array(bytes[end - note.bytes..<end]))
    }
}
