/// Wall time and samples of a run: the rate of the last lines, and the time that is left.
struct SpeedMeter {
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lineStart: ContinuousClock.Instant
    /// Since the last line.
    private var (samples, lineUpdates) = (0, 0)
    private var updates = 0

    init() {
        start = clock.now
        lineStart = start
    }

    mutating func add(samples: Int) {
        self.samples += samples
        updates += 1
        lineUpdates += 1
    }

    /// Seconds since the start.
    var elapsed: Double { seconds(clock.now - start) }

    /// The mean so far; nil before the first update.
    var secondsPerUpdate: Double? { updates == 0 ? nil : elapsed / Double(updates) }

    /// Samples per second and samples per update since the last call.
    mutating func takeRates() -> (perSecond: Double, perUpdate: Double) {
        let now = clock.now
        defer { (samples, lineUpdates, lineStart) = (0, 0, now) }
        return (
            Double(samples) / max(seconds(now - lineStart), 1e-9),
            Double(samples) / Double(max(1, lineUpdates))
        )
    }

    private func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
