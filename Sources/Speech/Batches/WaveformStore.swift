import Synchronization

/// Decoded recordings. They are kept in memory as long as there is room, so that a small corpus is decoded
/// once; those that find no room are decoded whenever they are needed.
public final class WaveformStore: Sendable {
    private struct Kept {
        var waveforms: [AudioSource: Waveform] = [:]
        var bytes = 0
        /// Also of those that found no room.
        var levels: [AudioSource: SampleLevel] = [:]
    }

    /// 512 MiB, in bytes.
    public static let defaultLimit = 512 << 20

    let sampleRate: Int
    private let resample: Bool
    private let limit: Int
    private let measuresLevels: Bool
    private let kept = Mutex(Kept())

    /// - Parameters:
    ///   - sampleRate: of the waveforms, in samples per second.
    ///   - resample: convert other rates instead of refusing them.
    ///   - limit: memory for decoded samples, in bytes.
    ///   - measuresLevels: whether batches tell how loud whole recordings are.
    public init(
        sampleRate: Int, resample: Bool = false, limit: Int = WaveformStore.defaultLimit,
        measuresLevels: Bool = false
    ) {
        self.measuresLevels = measuresLevels
        self.sampleRate = sampleRate
        self.resample = resample
        self.limit = limit
    }

    /// Bytes of decoded samples in memory.
    public var keptBytes: Int { kept.withLock { $0.bytes } }

    /// - Throws: `AudioError`.
    public func waveform(_ source: AudioSource) throws -> Waveform {
        if let waveform = kept.withLock({ $0.waveforms[source] }) { return waveform }
        let waveform = try AudioFile.read(source, sampleRate: sampleRate, resample: resample)
        let bytes = waveform.samples.count * MemoryLayout<Float>.size
        kept.withLock {
            if $0.waveforms[source] == nil && $0.bytes + bytes <= limit {
                $0.waveforms[source] = waveform
                $0.bytes += bytes
            }
        }
        return waveform
    }

    /// The level of a whole recording, which is measured once; nil where levels are not wanted.
    /// - Parameter waveform: what `waveform(source)` has given.
    func level(of waveform: Waveform, from source: AudioSource) -> SampleLevel? {
        guard measuresLevels else { return nil }
        if let level = kept.withLock({ $0.levels[source] }) { return level }
        let level = SampleLevel(of: waveform.samples)
        kept.withLock { $0.levels[source] = level }
        return level
    }
}
