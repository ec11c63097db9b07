import Communication
import Foundation
import Synchronization
import Testing

/// Threads of this process that work together as processes do.
package final class ThreadCommunicator: Communicator {
    package let rank: Int
    package let size: Int
    package var deadline: Duration
    private let meeting: Meeting

    private init(rank: Int, size: Int, deadline: TimeInterval, meeting: Meeting) {
        (self.rank, self.size, self.meeting) = (rank, size, meeting)
        self.deadline = .seconds(deadline)
    }

    /// Runs `body` on as many threads, one for each rank, and waits for their ends.
    /// - Returns: what each has made or thrown, in the order of ranks.
    package static func run<Value: Sendable>(
        _ size: Int, deadline: TimeInterval = 60,
        _ body: @escaping @Sendable (ThreadCommunicator) throws -> Value
    ) -> [Result<Value, any Error>] {
        let meeting = Meeting(size: size)
        let results = Mutex<[Int: Result<Value, any Error>]>([:])
        let group = DispatchGroup()
        for rank in 0..<size {
            group.enter()
            let thread = Thread {
                let result = Result {
                    try body(
                        ThreadCommunicator(rank: rank, size: size, deadline: deadline, meeting: meeting))
                }
                results.withLock { $0[rank] = result }
                group.leave()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        group.wait()
        return results.withLock { results in results.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// Where all bring something and take what all have brought. Unchecked: what changes does so under `condition`.
    private final class Meeting: @unchecked Sendable {
        private let size: Int
        private let condition = NSCondition()
        private var brought: [Int: [[UInt8]]] = [:]
        private var taken: [[[UInt8]]] = []
        private var round = 0

        init(size: Int) { self.size = size }

        func meet(_ rank: Int, _ value: [[UInt8]], within deadline: Duration) throws -> [[[UInt8]]] {
            condition.lock()
            defer { condition.unlock() }
            let own = round
            brought[rank] = value
            if brought.count == size {
                taken = (0..<size).map { brought[$0] ?? [] }
                (brought, round) = ([:], round + 1)
                condition.broadcast()
                return taken
            }
            let end = Date(timeIntervalSinceNow: deadline / .seconds(1))
            while round == own {
                guard condition.wait(until: end) || round != own else {
                    throw CommunicationError.deadline(
                        rank: rank, size: size, seconds: Int(deadline.components.seconds))
                }
            }
            return taken
        }
    }

    private func meet(_ value: [[UInt8]]) throws -> [[[UInt8]]] {
        try meeting.meet(rank, value, within: deadline)
    }

    package func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
        try meet([bytes]).map { $0[0] }
    }

    package func beginExchange(
        _ sent: UnsafeBufferPointer<Float>, sentCounts: [Int],
        into received: UnsafeMutableBufferPointer<Float>,
        receivedCounts: [Int]
    ) throws -> PendingExchange {
        var start = 0
        let parts = sentCounts.map { count in
            defer { start += count }
            return Array(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: sent[start..<start + count])))
        }
        let all = try meet(parts)
        try #require(all.map { $0[rank].count / 4 } == receivedCounts)
        // What is used before it was waited for is missing.
        return { [rank] in UnsafeMutableRawBufferPointer(received).copyBytes(from: all.flatMap { $0[rank] }) }
    }

    package func beginCompletion(
        of values: UnsafeMutableBufferPointer<Float>, counts: [Int]
    ) throws -> PendingExchange {
        let start = counts[..<rank].reduce(0, +)
        let own = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(values)[start..<start + counts[rank]])
        let all = try meet([Array(UnsafeRawBufferPointer(own))])
        return { UnsafeMutableRawBufferPointer(values).copyBytes(from: all.flatMap { $0[0] }) }
    }

    package func broadcast(_ values: UnsafeMutableBufferPointer<Float>, from root: Int) throws {
        let own = rank == root ? Array(UnsafeRawBufferPointer(values)) : []
        UnsafeMutableRawBufferPointer(values).copyBytes(from: try meet([own])[root][0])
    }

    package func abort(code: Int32) {}
    package func end() {}
}
