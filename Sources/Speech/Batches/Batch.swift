/// Crops of recordings, all of the same length.
public struct Batch: Sendable, Equatable {
    /// [B, N], row-major.
    public var waveforms: [Float]
    /// B.
    public var batchSize: Int
    /// N.
    public var samples: Int
    /// [B] `Utterance.id` of each row: random numbers are keyed by it.
    public var ids: [Int]
    /// [B]
    public var paths: [String]
    /// [B] where each row begins in its recording, in samples.
    public var cropStarts: [Int]
    /// Recordings of this batch of which every sample is zero (their channels' mean): nothing can be learned from
    /// them.
    public var silentPaths: [String]
    public var position: BatchPosition

    /// Reads the recordings of a planned batch and crops them.
    ///
    /// - Throws: `AudioError` if one cannot be read or has not the length that was planned with.
    public init(reading plan: PlannedBatch, from store: WaveformStore) throws {
        batchSize = plan.utterances.count
        samples = plan.samples
        ids = plan.utterances.map(\.id)
        paths = plan.utterances.map(\.path)
        cropStarts = plan.cropStarts
        silentPaths = []
        position = plan.position
        waveforms = []
        waveforms.reserveCapacity(batchSize * samples)
        for (utterance, start) in zip(plan.utterances, plan.cropStarts) {
            let waveform = try store.waveform(utterance.source)
            guard waveform.samples.count == utterance.samples else {
                throw AudioError(
                    "\(utterance.path): has \(waveform.samples.count) samples, not the \(utterance.samples) "
                        + "of its manifest: make the manifest anew (or the file changed meanwhile)")
            }
            if waveform.isSilent { silentPaths.append(utterance.path) }
            waveforms.append(contentsOf: waveform.samples[start..<start + samples])
        }
    }
}
