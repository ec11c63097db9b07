import Foundation

/// An error that all processes know of, because they have told each other: all throw it at the same place.
public struct ProcessFailure: Error, CustomStringConvertible {
    /// The first of the processes that failed; nil where all did alike.
    public let rank: Int?
    public let size: Int
    /// What that process says, in a line.
    public let text: String
    /// Whether a recording was the reason, and the model is as it was.
    public let isOfRecording: Bool
    /// The error itself, where this process had one.
    public let own: (any Error)?

    public var description: String { rank.map { "process \($0) of \(size): \(text)" } ?? text }
}

extension Communicator {
    /// Does something that may fail here and not elsewhere, and agrees with all others on the outcome.
    /// - Parameters:
    ///   - isOfRecording: whether an error is of a recording.
    ///   - body: makes no call of the communicator.
    /// - Returns: what this process has made.
    /// - Throws: on one process alone its error as it is; else `ProcessFailure`, everywhere, where any has failed;
    ///   `CommunicationError`.
    public func together<Value>(
        isOfRecording: (any Error) -> Bool = { _ in false }, _ body: () throws -> Value
    ) throws -> Value {
        guard size > 1 else { return try body() }
        let result = Result { try body() }
        _ = try agree(result.map { _ in [] }, isOfRecording)
        return try result.get()
    }

    /// The same, where all are told what each has made.
    /// - Returns: one value for each process, in the order of ranks.
    public func collect<Value: Codable>(
        isOfRecording: (any Error) -> Bool = { _ in false }, _ body: () throws -> Value
    ) throws -> [Value] {
        guard size > 1 else { return [try body()] }
        let result = Result { Array(try JSONEncoder().encode(try body())) }
        return try agree(result, isOfRecording).map { try JSONDecoder().decode(Value.self, from: Data($0)) }
    }

    /// Sends an outcome to all: a byte that tells what it is, and bytes.
    private func agree(
        _ result: Result<[UInt8], any Error>, _ isOfRecording: (any Error) -> Bool
    ) throws -> [[UInt8]] {
        var own: (any Error)?
        let message: [UInt8]
        switch result {
        case .success(let bytes): message = [0] + bytes
        case .failure(let error):
            own = error
            message = [isOfRecording(error) ? 2 : 1] + Array("\(error)".utf8)
        }
        let messages = try gather(message)
        guard let failed = messages.firstIndex(where: { $0.first != 0 }) else {
            return messages.map { Array($0.dropFirst()) }
        }
        throw ProcessFailure(
            rank: messages.allSatisfy { $0 == messages[0] } ? nil : failed, size: size,
            text: String(decoding: messages[failed].dropFirst(), as: UTF8.self),
            isOfRecording: messages[failed].first == 2, own: own)
    }

    /// A number that hardly another sequence has (FNV-1a, by words).
    public func fingerprint(_ words: UnsafeBufferPointer<UInt32>) -> UInt64 {
        words.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Makes sure that all processes were given the same.
    /// - Parameter things: by name, in the order of the check.
    /// - Throws: `CommunicationError.differs` everywhere.
    public func requireAlike(_ things: [(name: String, value: String)]) throws {
        guard size > 1 else { return }
        for thing in things {
            let all = try collect {
                thing.value.utf8.map { UInt32($0) }.withUnsafeBufferPointer { fingerprint($0) }
            }
            let others = all.indices.filter { all[$0] != all[0] }
            guard others.isEmpty else {
                throw CommunicationError.differs(what: thing.name, ranks: others, size: size)
            }
        }
    }
}
