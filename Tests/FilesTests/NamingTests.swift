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

    @Test func whoEndsTheProgramWaitsUntilTheLastNameIsGiven() {
        let isPast = DispatchSemaphore(value: 0)
        vq_begin_naming()
        vq_begin_naming()
        // Who gives names itself has nobody to wait for.
        vq_hold_names()
        vq_release_names()
        Thread.detachNewThread {
            vq_hold_names()
            vq_release_names()
            isPast.signal()
        }
        vq_end_naming()
        #expect(isPast.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
        vq_end_naming()
        #expect(isPast.wait(timeout: .now() + .seconds(10)) == .success)
    }

    @Test func noNameIsBegunWhileTheProgramEnds() {
        let isBegun = DispatchSemaphore(value: 0)
        vq_hold_names()
        vq_hold_names()
        Thread.detachNewThread {
            vq_begin_naming()
            isBegun.signal()
            vq_end_naming()
        }
        #expect(isBegun.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
        vq_release_names()
        #expect(isBegun.wait(timeout: .now() + .milliseconds(50)) == .timedOut)
        vq_release_names()
        #expect(isBegun.wait(timeout: .now() + .seconds(10)) == .success)
    }
}
