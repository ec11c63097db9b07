import Synchronization
import Training

/// How far something long has come, in percent: a live line on a terminal, a line now and then elsewhere.
final class ShareProgress: Sendable {
    private let title: String
    private let state: Mutex<State>

    private struct State {
        let output = LogOutput.standardError()
        let clock = ContinuousClock()
        let start: ContinuousClock.Instant
        var lastLine: ContinuousClock.Instant
    }

    init(_ title: String) {
        self.title = title
        let now = ContinuousClock().now
        state = Mutex(State(start: now, lastLine: now))
    }

    /// - Parameters:
    ///   - share: that is done.
    ///   - detail: what else there is to say.
    func show(_ share: Double) { show(share, detail: "") }

    func show(_ share: Double, detail: String) {
        state.withLock { state in
            let pause: Duration = state.output.isLive ? .milliseconds(200) : .seconds(30)
            let now = state.clock.now
            guard now - state.lastLine >= pause else { return }
            state.lastLine = now
            let left = share > 0 ? (now - state.start) / .seconds(1) * (1 - share) / share : 0
            let line = "\(title): \(Int(100 * share)) %\(detail), \(Int(left.rounded(.up))) s left"
            state.output.show(line) { String(line.prefix($0)) }
        }
    }

    func finish() { state.withLock { $0.output.clear() } }
}
