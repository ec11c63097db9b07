import ArgumentParser
import Checkpoints
import Evaluation
import Files
import Foundation
import Layers
import Speech
import Tensors
import Tokenizers
import VQWav2Vec

/// A model's units and features of recordings, and the baseline's of the same.
struct CheckpointEvaluation {
    /// One of the systems that are compared.
    struct System {
        let name: String
        /// Nil where it has no units.
        var units: [RecordingUnits] = []
        let groups: Int
        let codewords: Int?
        let centres: FrameCentres
        /// By the name of the layer.
        var features: [(layer: String, frames: [ByteString: Tensor], centres: FrameCentres)] = []
        var others: [(name: String, figures: any FigureGroup)] = []
    }

    let checkpoint: Checkpoint
    /// Whose predictions are judged; nil for a model of wav2vec 2.0, which predicts what is masked.
    private let model: Model?
    /// Nil for a model without units.
    private let tokenizer: (any UnitModel)?
    private let sampleRate: Int

    /// - Throws: `CheckpointError`.
    init(path: String) throws {
        checkpoint = try Checkpoint(path: path)
        model = checkpoint.configuration.wav2vec2 == nil ? try checkpoint.model() : nil
        tokenizer = (try? checkpoint.requireCodebook()) == nil ? nil : try checkpoint.unitModel()
        sampleRate = checkpoint.configuration.data.sampleRate
    }

    private var centres: FrameCentres {
        let timing = checkpoint.configuration.units.timing(of: .z, sampleRate: sampleRate)
        return FrameCentres(hop: timing.hop, window: timing.window, sampleRate: sampleRate)
    }

    /// Runs the model over recordings.
    /// - Parameters:
    ///   - layers: whose frames are kept.
    ///   - wantsMFCC: whether MFCCs are wanted of the recordings, for the baseline.
    /// - Returns: the model's system; MFCCs of each recording; how many inputs could not be used.
    /// - Throws: `CheckpointError` for layers that the model has not.
    func run(
        _ found: FoundInputs, resample: Bool, layers: [FrameLayer], wantsMFCC: Bool
    ) throws -> (model: System, mfcc: [ByteString: Tensor], failures: Int) {
        let codebook = tokenizer == nil ? nil : checkpoint.configuration.units.codebookSize
        var system = System(
            name: checkpoint.path, groups: codebook?.groups ?? 1, codewords: codebook?.variables,
            centres: centres)
        let makers = try layers.map { ($0.rawValue, try FrameMaker($0, checkpoint)) }
        system.features = makers.map { ($0.0, [:], $0.1.centres) }
        var prediction = PredictionTally(checkpoint.configuration.model)
        var stability = Stability()
        let mfcc = MFCC(sampleRate: sampleRate)
        var cepstra: [ByteString: Tensor] = [:]
        var number = 0
        var known: Set<ByteString> = []
        let failures = try found.forEachSound(sampleRate: sampleRate, resample: resample) {
            recording, sound in
            number += 1
            let samples = try sound.samples(0..<sound.count)
            guard known.insert(recording.name).inserted else {
                throw AudioError.unsuitable(
                    "\(recording.path)",
                    "another recording is called \(recording.name) too: name them by their paths "
                        + "(--names path)")
            }
            for (index, (_, maker)) in makers.enumerated() {
                system.features[index].frames[recording.name] = try maker(sound, recording)
            }
            do {
                if let model {
                    try prediction.add(
                        samples, model: model, longest: checkpoint.configuration.data.maxSampleSize)
                }
                if wantsMFCC {
                    cepstra[recording.name] = samples.withUnsafeBufferPointer { mfcc.features($0) }
                }
                guard let tokenizer else { return }
                let tokens = try tokenizer.quantize(samples)
                system.units.append(
                    RecordingUnits(
                        name: recording.name, ids: tokens.ids, samples: samples.count, sampleRate: sampleRate,
                        line: nil))
                guard stability.seconds < Stability.enough else { return }
                try stability.add(
                    samples, sampleRate: sampleRate, ids: tokens.ids, groups: tokens.groups, hop: centres.hop,
                    number: number
                ) { try tokenizer.quantize($0).ids }
            } catch let error as ModelError {
                throw AudioError.unsuitable("\(recording.path)", "\(error); leave it out")
            }
        }
        if model != nil { system.others.append(("prediction", prediction)) }
        if tokenizer != nil { system.others.append(("stability", stability)) }
        return (system, cepstra, failures)
    }

    /// Clusters of MFCCs, as many as there are units to compare with.
    /// - Parameters:
    ///   - data: what they are fitted on.
    ///   - minutes: of it, at most.
    ///   - mfcc: of the recordings that are judged.
    ///   - samples: their lengths, by their names.
    func baseline(
        units count: Int, fittedOn data: FoundInputs, minutes: Double, resample: Bool,
        mfcc: [ByteString: Tensor],
        order: [RecordingUnits]
    ) throws -> System {
        let maker = try FrameMaker(.mfcc, checkpoint)
        let frames = FrameSpool(dimensions: MFCC.dimensions, for: checkpoint.path)
        let enough = Int(minutes * 60 * maker.centres.frameRate)
        _ = try data.forEachSound(
            sampleRate: sampleRate, resample: resample, until: { frames.count >= enough },
            { try frames.append(try maker($1, $0)) })
        var kmeans = try KMeans(startingFrom: frames, clusters: count, seed: 0)
        let options = ClusterOptions(clusters: count)
        let progress = ShareProgress("clusters of MFCCs")
        try kmeans.fit(frames, options) { progress.show(Double($1.iteration) / Double(options.iterations)) }
        progress.finish()
        var system = System(
            name: "\(count) clusters of MFCCs", groups: 1, codewords: count, centres: maker.centres)
        system.units = order.compactMap { units in
            mfcc[units.name].map {
                RecordingUnits(
                    name: units.name, ids: kmeans.assign($0).labels, samples: units.samples,
                    sampleRate: units.sampleRate, line: nil)
            }
        }
        system.features = [("mfcc", mfcc, maker.centres)]
        return system
    }
}
