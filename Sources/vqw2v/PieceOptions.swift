import ArgumentParser
import Checkpoints
import Layers
import Speech

/// Whether long recordings are cut into pieces.
struct PieceOptions: ParsableArguments {
    @Option(
        help: """
            Cut longer recordings into equal pieces of about N samples at most and compute each alone, as \
            fairseq's featurizer does (its --max-size). Results differ from those of the whole. (default: never)
            """)
    var maxSamples: Int?

    /// Samples of a piece.
    var longest: Int { maxSamples ?? .max }

    func validate() throws {
        if let maxSamples, maxSamples < 1 {
            throw ValidationError("--max-samples must be at least 1, not \(maxSamples)")
        }
    }

    /// Refuses pieces in which the model sees no frame.
    func requireFrames(_ checkpoint: Checkpoint) throws {
        let field = checkpoint.configuration.units.receptiveField
        guard let maxSamples, maxSamples < field else { return }
        throw ValidationError(
            "--max-samples \(maxSamples) leaves no frames: one of \(checkpoint.path) sees \(field) samples")
    }
}
