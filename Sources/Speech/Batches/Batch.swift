/// Crops of recordings, all of the same length, or filled up to it.
public struct Batch: Sendable, Equatable {
    /// [B, N], row-major; zeros behind the end of a row.
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
    /// [B] samples of each row, N but where rows are filled up.
    public var lengths: [Int] = []
    /// [B] of the whole recordings; none where the store does not measure them.
    public var levels: [SampleLevel] = []
    /// Recordings of this batch whose samples are all zero, and why: nothing can be learned from them.
    public var silent: [Silent] = []
    /// Recordings of this batch that were passed over, and why: they have no row.
    public var unusable: [Unusable] = []
    public var position: BatchPosition

    /// A recording without sound.
    public struct Silent: Sendable, Equatable {
        public var path: String
        public var silence: Silence
    }

    /// A recording that cannot be used.
    public struct Unusable: Sendable, Equatable {
        public var path: String
        /// In one line, with the path.
        public var problem: String
    }

    public init(
        waveforms: [Float], batchSize: Int, samples: Int, ids: [Int], paths: [String], cropStarts: [Int],
        lengths: [Int], levels: [SampleLevel], position: BatchPosition
    ) {
        (self.waveforms, self.batchSize, self.samples) = (waveforms, batchSize, samples)
        (self.ids, self.paths, self.cropStarts) = (ids, paths, cropStarts)
        (self.lengths, self.levels, self.position) = (lengths, levels, position)
    }

    /// Reads the recordings of a planned batch, crops them and fills them up. The length of the crops is the planned one, and
    /// random numbers are keyed by recording, so one that is passed over changes nothing for the others.
    ///
    /// - Parameter skippingUnusable: pass over recordings that cannot be used, which may leave no row at all.
    /// - Throws: `AudioError` if one cannot be read or has not the length that was planned with.
    public init(
        reading plan: PlannedBatch, from store: WaveformStore, skippingUnusable: Bool = false
    ) throws {
        samples = plan.samples
        (batchSize, ids, paths, cropStarts) = (0, [], [], [])
        position = plan.position
        waveforms = []
        waveforms.reserveCapacity(plan.utterances.count * samples)
        for (index, (utterance, start)) in zip(plan.utterances, plan.cropStarts).enumerated() {
            do {
                let waveform = try Self.read(utterance, from: store)
                if let silence = waveform.silence {
                    silent.append(Silent(path: utterance.path, silence: silence))
                }
                let length = plan.length(of: utterance)
                if plan.augmentations.isEmpty {
                    waveforms.append(contentsOf: waveform.samples[start..<start + length])
                } else {
                    waveforms += try plan.augmentations[index].apply(
                        to: waveform.samples, start: start, samples: length, sampleRate: store.sampleRate,
                        path: utterance.path)
                }
                waveforms.append(contentsOf: repeatElement(0, count: samples - length))
                lengths.append(length)
                if let level = store.level(of: waveform, from: utterance.source) { levels.append(level) }
            } catch let error as AudioError where skippingUnusable {
                unusable.append(Unusable(path: utterance.path, problem: "\(error)"))
                continue
            }
            batchSize += 1
            ids.append(utterance.id)
            paths.append(utterance.path)
            cropStarts.append(start)
        }
    }

    /// One recording, or a part of one, whole.
    /// - Parameters:
    ///   - id: what random numbers are keyed by.
    ///   - level: of the whole recording.
    public init(_ waveform: [Float], id: Int, path: String, level: SampleLevel) {
        (waveforms, samples) = (waveform, waveform.count)
        (batchSize, ids, paths, cropStarts) = (1, [id], [path], [0])
        (lengths, levels) = ([waveform.count], [level])
        position = .start
    }

    private static func read(_ utterance: Utterance, from store: WaveformStore) throws -> Waveform {
        let waveform = try store.waveform(utterance.source)
        guard waveform.samples.count == utterance.samples else {
            throw AudioError.unsuitable(
                "\(utterance.path)",
                "has \(waveform.samples.count) samples, not the \(utterance.samples) "
                    + "of its manifest: make the manifest anew (or the file changed meanwhile)")
        }
        return waveform
    }
}

/// A place in the sequence of batches. It is all that must be stored to go on exactly there.
public struct BatchPosition: Sendable, Hashable {
    /// Passes over the data before this one.
    public var epoch: Int
    /// Batches of this epoch before this one.
    public var batch: Int

    public init(epoch: Int = 0, batch: Int = 0) {
        self.epoch = epoch
        self.batch = batch
    }

    /// The beginning of training.
    public static let start = BatchPosition()
}
