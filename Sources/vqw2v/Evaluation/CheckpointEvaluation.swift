import ArgumentParser
import Checkpoints
import Evaluation
import Files
import Foundation
import Layers
import Speech
import Tensors

/// A model's units and features of recordings.
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
    /// Nil for a model that was fine-tuned and predicts no more.
    private let prediction: PredictionTally?
    /// Nil for a model without units.
    private let tokenizer: (any UnitModel)?
    /// In Hz.
    let sampleRate: Int

    /// - Throws: `CheckpointError`.
    init(path: String) throws {
        checkpoint = try Checkpoint(path: path)
        prediction = checkpoint.isFineTuned ? nil : try PredictionTally(checkpoint)
        tokenizer = (try? checkpoint.requireCodebook()) == nil ? nil : try checkpoint.unitModel()
        sampleRate = checkpoint.configuration.data.sampleRate
    }

    /// Whether the model has units, and not features alone.
    var hasUnits: Bool { tokenizer != nil }

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
    ) throws -> (model: System, cepstra: [ByteString: Baseline.Cepstra], failures: Int) {
        let codebook = tokenizer == nil ? nil : checkpoint.configuration.units.codebookSize
        var system = System(
            name: checkpoint.path, groups: codebook?.groups ?? 1, codewords: codebook?.variables,
            centres: centres)
        let makers = try layers.map { ($0.name, try FrameMaker($0, checkpoint)) }
        system.features = makers.map { ($0.0, [:], $0.1.centres) }
        var prediction = prediction
        var stability = Stability()
        let mfcc = MFCC(sampleRate: sampleRate)
        var cepstra: [ByteString: Baseline.Cepstra] = [:]
        var number = 0
        var known: Set<ByteString> = []
        let failures = try found.forEachSound(sampleRate: sampleRate, resample: resample) {
            recording, sound in
            number += 1
            let samples = try sound.samples(0..<sound.count)
            try known.insert(nameOf: recording)
            for (index, (_, maker)) in makers.enumerated() {
                system.features[index].frames[recording.name] = try maker(sound, recording)
            }
            do {
                try prediction?.add(samples, path: recording.path)
                if wantsMFCC {
                    cepstra[recording.name] = mfcc.cepstra(samples)
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
        if let figures = prediction?.figures { system.others.append(("prediction", figures)) }
        if tokenizer != nil { system.others.append(("stability", stability)) }
        return (system, cepstra, failures)
    }
}
