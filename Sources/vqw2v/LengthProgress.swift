import Training

/// How many recordings' lengths are known, by which shards are divided: reading the headers of millions of files takes
/// minutes. A live line on a terminal, a line now and then elsewhere.
final class LengthProgress {
    private let files: Int
    private let output = LogOutput.standardError()
    private let clock = ContinuousClock()
    private var lastLine: ContinuousClock.Instant

    init(files: Int) {
        self.files = files
        lastLine = clock.now
    }

    func show(_ done: Int) {
        // The clock is cheap, but not free.
        guard done.isMultiple(of: 64) else { return }
        let pause: Duration = output.isLive ? .milliseconds(200) : .seconds(30)
        guard clock.now - lastLine >= pause else { return }
        lastLine = clock.now
        let line = "reading lengths: \(grouped(done)) of \(grouped(files)) files"
        output.show(line) { String(line.prefix($0)) }
    }

    func finish() { output.clear() }
}
