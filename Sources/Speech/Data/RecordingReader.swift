import Dispatch
import Synchronization

/// Reads recordings one after the other on a background thread, a few ahead of their use.
public final class RecordingReader: Sendable {
    private typealias Slot = (path: String, result: Result<Waveform, any Error>)

    private let paths: [String]
    private let sampleRate: Int
    private let resample: Bool
    private let ready = Mutex<[Slot]>([])
    private let delivered = Mutex(0)
    private let filled = DispatchSemaphore(value: 0)
    private let free = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - sampleRate: in Hz; recordings of another rate are converted with `resample`, else errors.
    ///   - prefetch: recordings that may wait decoded.
    public init(_ paths: [String], sampleRate: Int, resample: Bool, prefetch: Int = 2) {
        (self.paths, self.sampleRate, self.resample) = (paths, sampleRate, resample)
        // Raised here and not in its init: a semaphore below the value of its init must not be released, and
        // a reader that is left before its end has one.
        for _ in 0..<max(prefetch, 1) { free.signal() }
        DispatchQueue(label: "RecordingReader").async { [self] in read() }
    }

    /// The next recording in the order of the paths, or the error that reading it gave; nil at the end.
    public func next() -> (path: String, waveform: Result<Waveform, any Error>)? {
        let isPastEnd = delivered.withLock { count in
            count += 1
            return count > paths.count
        }
        guard !isPastEnd else { return nil }
        filled.wait()
        let slot = ready.withLock { $0.removeFirst() }
        free.signal()
        return (slot.path, slot.result)
    }

    private func read() {
        for path in paths {
            free.wait()
            let result = Result { try AudioFile.read(path, sampleRate: sampleRate, resample: resample) }
            ready.withLock { $0.append((path, result)) }
            filled.signal()
        }
    }
}
