import Communication
import Synchronization
import TestSupport
import Testing

@Suite struct DeliveryTests {
    private struct Trouble: Error, CustomStringConvertible { var description: String }

    /// Bytes of a process: lengths that are no multiple of a value or a piece, and none at all.
    private static func bytes(_ rank: Int) -> [UInt8] {
        (0..<[5, 0, 1003, 64][rank]).map { UInt8(truncatingIfNeeded: $0 * 7 + rank) }
    }

    private static func deliver(
        _ communicator: ThreadCommunicator, readFails: Int? = nil, takeFails: Int? = nil
    ) throws -> [[UInt8]] {
        let own = bytes(communicator.rank)
        var taken = [[UInt8]](repeating: [], count: communicator.size)
        try communicator.deliver(
            count: own.count, piece: 100,
            read: { start, target in
                if readFails == communicator.rank, start > 0 { throw Trouble(description: "no disk") }
                target.copyBytes(from: own[start..<start + target.count])
            },
            take: { rank, bytes in
                if rank == takeFails { throw Trouble(description: "no room") }
                taken[rank] += Array(bytes)
            })
        return taken
    }

    @Test func theFirstGetsAll() throws {
        let results = ThreadCommunicator.run(4) { try Self.deliver($0) }
        #expect(try results[0].get() == [[], [], Self.bytes(2), Self.bytes(3)])
        for result in results.dropFirst() { #expect(try result.get().allSatisfy(\.isEmpty)) }
    }

    @Test func errorsAreThrownByAll() {
        for result in ThreadCommunicator.run(4, { try Self.deliver($0, readFails: 2) }) {
            let failure = #expect(throws: ProcessFailure.self) { try result.get() }
            #expect(failure.map { "\($0)" } == "process 2 of 4: no disk")
        }
        // Of the last of all pieces too, after which nothing is exchanged.
        for sender in [2, 3] {
            for result in ThreadCommunicator.run(4, deadline: 10, { try Self.deliver($0, takeFails: sender) })
            {
                let failure = #expect(throws: ProcessFailure.self) { try result.get() }
                #expect(failure.map { "\($0)" } == "process 0 of 4: no room")
            }
        }
    }

    @Test func theFirstTellsAll() throws {
        let made = Mutex(0)
        let results = ThreadCommunicator.run(3) { communicator in
            try communicator.tellAll {
                made.withLock { $0 += 1 }
                return ["rank": communicator.rank]
            }
        }
        for result in results { #expect(try result.get() == ["rank": 0]) }
        #expect(made.withLock { $0 } == 1)
    }
}
