import CProcess
import Foundation
import Synchronization
import Testing

/// What `AtomicFile.commit` asks for while files of one output get their names; `make torture` fails the allocations of that.
@Suite struct NamingTests {
    @Test func thereIsOneReserveUntilTheLastNameIsGiven() {
        #expect(vq_give_up_reserve() == 0)
        vq_begin_naming()
        vq_begin_naming()
        vq_end_naming()
        #expect(vq_give_up_reserve() == 1)
        #expect(vq_give_up_reserve() == 0)
        vq_end_naming()
        vq_begin_naming()
        vq_end_naming()
        #expect(vq_give_up_reserve() == 0)
    }

    @Test func othersWaitUntilTheLastNameIsGiven() {
        let waiter = Waiter()
        vq_begin_naming()
        vq_begin_naming()
        // Who gives names itself has nobody to wait for.
        vq_await_names()
        waiter.start()
        vq_end_naming()
        usleep(50_000)
        #expect(!waiter.isPast.load(ordering: .sequentiallyConsistent))
        vq_end_naming()
        waiter.ended.wait()
        #expect(waiter.isPast.load(ordering: .sequentiallyConsistent))
    }

    private final class Waiter: Sendable {
        let isPast = Atomic(false)
        let ended = DispatchSemaphore(value: 0)

        func start() {
            Thread.detachNewThread { [self] in
                vq_await_names()
                isPast.store(true, ordering: .sequentiallyConsistent)
                ended.signal()
            }
        }
    }
}
