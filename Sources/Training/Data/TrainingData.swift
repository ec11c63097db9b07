import Checkpoints
import Communication
import Files
import Foundation
import Speech
import SystemPackage
import Tensors
import VQWav2Vec

/// The recordings of a run, divided and planned into batches.
public struct TrainingData: Sendable {
    public let training: BatchPlan
    public let validation: BatchPlan?
    /// Decodes and keeps recordings for both.
    let store: WaveformStore
    /// Of the recordings that are trained on.
    public let fingerprint: DataFingerprint
    /// What the user should know of the search for recordings, a line each.
    public let notes: [String]
    /// What is wrong with recordings that were passed over from the start, a line each.
    public let unusable: [AudioError]
    let skippingUnusable: Bool

    /// - Parameters:
    ///   - arguments: files, folders, manifests.
    ///   - validation: the same for validation; empty to hold out `data.validation_fraction`.
    ///   - resample: convert recordings of other rates instead of refusing them.
    ///   - skippingUnusable: pass over recordings that cannot be used, now and when they are read.
    /// - Throws: `DataError` that names what cannot be used.
    public init(
        _ arguments: [FilePath], validation: [FilePath] = [], configuration: RunConfiguration,
        resample: Bool = false, skippingUnusable: Bool = false
    ) throws {
        let data = configuration.data
        let list = { (arguments: [FilePath]) in
            try UtteranceList(
                arguments, sampleRate: data.sampleRate, resample: resample, skippingUnusable: skippingUnusable
            )
        }
        var training = try list(arguments)
        var heldOut = validation.isEmpty ? nil : try list(validation)
        notes = training.notes + (heldOut?.notes ?? [])
        unusable = training.unusable + (heldOut?.unusable ?? [])
        self.skippingUnusable = skippingUnusable
        // Shorter recordings would crop whole batches to a length without a single prediction.
        let limits = BatchLimits(
            maxSampleSize: data.maxSampleSize,
            minSampleSize: max(data.minSampleSize, configuration.minimumTrainingSamples),
            maxSamples: data.maxSamples, maxUtterances: data.maxUtterances, pads: data.padding,
            coversRecordings: data.coversRecordings)
        let short = training.utterances.filter { $0.samples < limits.minSampleSize }
        if validation.isEmpty, data.validationFraction > 0, short.count < training.utterances.count {
            // Of recordings that can be used, lest none of those held out can.
            training.utterances.removeAll { $0.samples < limits.minSampleSize }
            (training, heldOut) = try training.split(
                validationFraction: data.validationFraction, seed: configuration.training.seed)
            training.utterances += short
        }
        self.training = try BatchPlan(
            training.utterances, limits: limits, order: .shuffled(seed: configuration.training.seed),
            augmentation: Augmentation(configuration.augmentation))
        self.validation = try heldOut.map { try BatchPlan($0.utterances, limits: limits, order: .fixed) }
        store = WaveformStore(
            sampleRate: data.sampleRate, resample: resample, limit: Self.waveformBytes,
            measuresLevels: configuration.wav2vec2?.extractor.normalizesWaveforms ?? false)
        var fingerprint = DataFingerprint()
        fingerprint.utterances = self.training.utterances.count
        fingerprint.samples = self.training.utterances.reduce(0) { $0 + $1.samples }
        fingerprint.sampleRate = data.sampleRate
        fingerprint.digest = Self.digest(of: [self.training, self.validation].compactMap { $0 })
        self.fingerprint = fingerprint
    }

    /// The recordings that are trained on, in the order in which they were named, as a manifest; nil where none can
    /// name them.
    var manifest: [UInt8]? {
        let folder = FilePath(FileManager.default.currentDirectoryPath)
        return Manifest.text(listing: training.utterances.sorted { $0.id < $1.id }, from: folder)
    }

    /// Memory for decoded recordings: a quarter of what there is, divided among the processes of the job, which may all be
    /// on this machine; but no more than for ten hours.
    static let waveformBytes = min(
        max(ProcessMemory.limitBytes / 4 / Launcher.processes(), WaveformStore.defaultLimit),
        36_000 * 16_000 * MemoryLayout<Float>.size)

    /// One batch of the training data.
    /// - Throws: `AudioError`.
    func batch(_ planned: PlannedBatch) throws -> Batch {
        try Batch(reading: planned, from: store, skippingUnusable: skippingUnusable)
    }

    /// Batches without end, from a position on.
    /// - Parameter taking: of every `period` batches only so many, the first.
    /// - Throws: `DataError` where the data have no such position.
    func loader(
        from position: BatchPosition, taking: Int = 1, of period: Int = 1, prefetch: Int = 2
    ) throws -> BatchLoader {
        try BatchLoader(
            training, store: store, from: position, taking: taking, of: period,
            skippingUnusable: skippingUnusable, prefetch: prefetch)
    }

    /// Validation batches, once: of every `period` one, from the one of index `first` on; nil where there are none.
    func validationLoader(from first: Int = 0, of period: Int = 1) throws -> BatchLoader? {
        guard let validation, first < validation.batchesPerEpoch else { return nil }
        return try BatchLoader(
            validation, store: store, from: BatchPosition(batch: first), epochs: 1, taking: 1, of: period,
            skippingUnusable: skippingUnusable)
    }

    /// Folders are left out: data may move between a run's two parts.
    private static func digest(of plans: [BatchPlan]) -> String {
        var digest = ListDigest()
        for plan in plans {
            for utterance in plan.utterances {
                let name = utterance.source.location.bytes.split(separator: UInt8(ascii: "/")).last ?? []
                digest.add(
                    Array("\(utterance.id)\t\(utterance.samples)\t".utf8) + name + [UInt8(ascii: "\n")])
            }
            digest.endPart()
        }
        return digest.text
    }
}

extension Augmentation {
    init(_ configuration: AugmentationConfiguration) {
        self.init()
        (speed, noise) = (configuration.speed, configuration.noise)
        (reverberation, bandRejection) = (configuration.reverberation, configuration.bandRejection)
    }
}

extension BatchPosition {
    init(_ position: RunState.Position) { self.init(epoch: position.epoch, batch: position.batch) }
}

extension RunState.Position {
    init(_ position: BatchPosition) { self.init(epoch: position.epoch, batch: position.batch) }
}
