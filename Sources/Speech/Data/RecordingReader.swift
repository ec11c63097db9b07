import Dispatch
import Synchronization

/// Reads recordings one after the other on a background thread, a few ahead of their use.
public final class RecordingReader: Sendable {
    private typealias Slot = (recording: Recording, sound: Result<Sound, any Error>)

    private struct State {
        /// Read and not delivered, in order.
        var ready: [Slot] = []
        var asked = 0
        /// Whether the background thread has to be told when there is room again.
        var isFull = false

        var readySamples: Int {
            ready.reduce(0) { $0 + ((try? $1.sound.get().count) ?? 0) }
        }
    }

    private let recordings: [Recording]
    private let sampleRate: Int
    private let resample: Bool
    private let prefetch: Int
    private let state = Mutex(State())
    private let filled = DispatchSemaphore(value: 0)
    private let room = DispatchSemaphore(value: 0)

    /// With so many samples waiting no more are read, lest a few hours of audio fill the memory: 64 MiB.
    private static let enoughSamples = 1 << 24

    /// - Parameters:
    ///   - sampleRate: in Hz; recordings of another rate are converted with `resample`, else errors.
    ///   - prefetch: recordings that may wait decoded; long ones are fewer.
    public init(_ recordings: [Recording], sampleRate: Int, resample: Bool, prefetch: Int = 2) {
        (self.recordings, self.sampleRate, self.resample) = (recordings, sampleRate, resample)
        self.prefetch = max(prefetch, 1)
        DispatchQueue(label: "RecordingReader").async { [self] in read() }
    }

    /// The next recording in order, with its samples or the error that reading it gave; nil at the end.
    public func next() -> (recording: Recording, sound: Result<Sound, any Error>)? {
        let isPastEnd = state.withLock { state in
            state.asked += 1
            return state.asked > recordings.count
        }
        guard !isPastEnd else { return nil }
        filled.wait()
        let (slot, wasFull) = state.withLock { state in
            let wasFull = state.isFull
            state.isFull = false
            return (state.ready.removeFirst(), wasFull)
        }
        if wasFull { room.signal() }
        return slot
    }

    private func read() {
        for recording in recordings {
            while isFull() { room.wait() }
            let sound = Result {
                try Sound(recording.source, sampleRate: sampleRate, resample: resample)
            }
            state.withLock { $0.ready.append((recording, sound)) }
            filled.signal()
        }
    }

    private func isFull() -> Bool {
        state.withLock { state in
            state.isFull = state.ready.count >= prefetch || state.readySamples >= Self.enoughSamples
            return state.isFull
        }
    }
}
