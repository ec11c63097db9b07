import ArgumentParser
import Checkpoints
import Evaluation
import Files
import Layers
import Tensors
import Tokenizers

/// A model's units and features of recordings.
struct CheckpointEvaluation {
    /// One of the systems that are compared.
    struct System {
        let name: String
        /// With units where `groups` says so.
        var recordings: [RecordingFrames] = []
        /// G; nil where it has features alone.
        let groups: Int?
        let codewords: Int?
        let centres: FrameCentres
        /// By the name of the layer.
        var features: [(layer: String, frames: [ByteString: Tensor], centres: FrameCentres)] = []
        var others: [(name: String, figures: any FigureGroup)] = []
        var predictions: [ByteString: UtterancePrediction] = [:]
        /// Whether its features are MFCCs beside a model's.
        var isBaseline = false
    }

    let checkpoint: Checkpoint
    /// Nil for a model that predicts nothing: one that was fine-tuned, or HuBERT.
    let prediction: PredictionTally?
    /// Nil for a model without units.
    let tokenizer: (any UnitModel)?
    /// In Hz.
    let sampleRate: Int

    /// - Throws: `CheckpointError`.
    init(path: String) throws {
        checkpoint = try Checkpoint(path: path)
        let predicts = !checkpoint.isFineTuned && checkpoint.configuration.hubert == nil
        prediction = predicts ? try PredictionTally(checkpoint) : nil
        tokenizer = (try? checkpoint.requireCodebook()) == nil ? nil : try checkpoint.unitModel()
        sampleRate = checkpoint.configuration.data.sampleRate
    }

    /// Whether the model has units, and not features alone.
    var hasUnits: Bool { tokenizer != nil }

    var centres: FrameCentres {
        let timing = checkpoint.configuration.units.timing(of: .z, sampleRate: sampleRate)
        return FrameCentres(hop: timing.hop, window: timing.window, sampleRate: sampleRate)
    }
}
