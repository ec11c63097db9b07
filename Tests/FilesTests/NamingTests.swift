import CProcess
import Foundation
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
        let isPast = DispatchSemaphore(value: 0)
        vq_begin_naming()
        vq_begin_naming()
        // Who gives names itself has nobody to wait for.
        vq_await_names()
        Thread.detachNewThread {
            vq_await_names()
            isPast.signal()
        }
        vq_end_naming()
        #expect(isPast.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
        vq_end_naming()
        isPast.wait()
    }
}
