import ArgumentParser
import Checkpoints
import Layers
import Speech
import Tensors
import Training

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

extension Sound {
    /// An output of a model, computed whole, or of pieces of which each is computed alone.
    /// - Parameter longest: samples of a piece.
    /// - Returns: [T, D].
    /// - Throws: `ModelError.tooLarge` where there is too little memory; what the model throws.
    func features(_ model: any FeatureModel, longest: Int) throws -> Tensor {
        let pieces = TokenSequence.pieces(of: count, longest: longest)
        let outputs = try pieces.map { piece -> Tensor in
            try model.require(samples: piece.count, available: ProcessMemory.limitBytes)
            guard piece.count < count else { return try withFrames { try model($0) } }
            return try samples(piece).withUnsafeBufferPointer { try model(FrameStore(borrowing: $0)) }
        }
        guard outputs.count > 1 else { return outputs[0] }
        let channels = outputs[0].shape[1]
        let whole = Tensor(uninitialized: [outputs.reduce(0) { $0 + $1.shape[0] }, channels])
        var place = whole.pointer
        for output in outputs {
            place.update(from: output.pointer, count: output.count)
            place += output.count
        }
        return whole
    }
}
