import Files
import Foundation
import Testing

@Suite struct SignalThreadTests {
    /// What comes as soon as the program listens is not lost.
    @Test(.timeLimit(.minutes(1))) func aSignalAtOnceIsHandled() async {
        let signals = AsyncStream { stream in
            SignalThread.listen(to: [SIGUSR2]) { stream.yield($0) }
            kill(getpid(), SIGUSR2)
        }
        var iterator = signals.makeAsyncIterator()
        #expect(await iterator.next() == SIGUSR2)
    }
}
