import Training

/// How far a command has come through its files: a live line on a terminal, a line now and then elsewhere. Where
/// the output itself goes to a terminal there is none: the two would spoil each other.
struct FileProgress {
    private let files: Int
    private let isQuiet: Bool
    private let output = LogOutput.standardError()
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lastLine: ContinuousClock.Instant
    private var done = 0

    init(files: Int, isQuiet: Bool) {
        (self.files, self.isQuiet) = (files, isQuiet)
        start = clock.now
        lastLine = start
    }

    /// Wall time so far, in seconds.
    var elapsed: Double { (clock.now - start) / .seconds(1) }

    /// One more file is done.
    /// - Parameter audioSeconds: of all files so far.
    mutating func advance(audioSeconds: Double) {
        done += 1
        if isQuiet { return }
        // Often enough to be seen moving, seldom enough not to fill a log.
        let pause: Duration = output.isLive ? .milliseconds(200) : .seconds(30)
        guard clock.now - lastLine >= pause else { return }
        lastLine = clock.now
        let left = elapsed / Double(done) * Double(files - done)
        let line =
            "\(done)/\(files) files | \(decimal(audioSeconds / elapsed, 1)) s of audio per second | "
            + "\(duration(left)) left"
        output.show(line) { String(line.prefix($0)) }
    }

    /// A line that stays, above the live one.
    func printError(_ line: String) { output.print(line) }

    func finish() { output.clear() }

    private func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        let (minutes, rest) = whole.quotientAndRemainder(dividingBy: 60)
        return "\(minutes):\(rest < 10 ? "0" : "")\(rest)"
    }
}
