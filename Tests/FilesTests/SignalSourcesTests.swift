import Files
import Foundation
import Testing

@Suite struct SignalSourcesTests {
    /// What comes as soon as the program listens is not lost: the system may take its time to begin.
    @Test(.timeLimit(.minutes(1))) func aSignalAtOnceIsHandled() async {
        let sources = SignalSources()
        let signals = AsyncStream { stream in
            sources.listen(to: [SIGUSR2]) { stream.yield($0) }
            kill(getpid(), SIGUSR2)
        }
        var iterator = signals.makeAsyncIterator()
        #expect(await iterator.next() == SIGUSR2)
        withExtendedLifetime(sources) {}
    }
}
