import Communication
import Files

/// Numbers and values that a process tells the others: one after the other, little-endian, to be read by a `ByteCursor`.
struct FrameBytes {
    fileprivate var bytes: [UInt8] = []

    mutating func append(_ number: Int) {
        withUnsafeBytes(of: Int64(number).littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ values: UnsafeRawBufferPointer) { bytes.append(contentsOf: values) }
}

extension Communicator {
    /// Sends all the same, and reads what each has sent, in the order of ranks.
    /// - Throws: `CommunicationError`.
    func gather(_ sent: FrameBytes, read: (_ rank: Int, inout ByteCursor) throws -> Void) throws {
        for (sender, bytes) in try gather(sent.bytes).enumerated() {
            do {
                try bytes.withUnsafeBytes {
                    var received = ByteCursor($0)
                    try read(sender, &received)
                }
            } catch let error as ByteCursorError {
                throw CommunicationError.failed(
                    rank: rank, size: size, what: "reading what process \(sender) has sent", text: "\(error)")
            }
        }
    }
}

extension ByteCursor {
    /// A number that `FrameBytes` holds.
    mutating func number() throws -> Int { Int(try integer(Int64.self)) }
}
