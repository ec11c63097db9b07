import Checkpoints
import Evaluation
import Files
import Layers

/// Turns waveforms into the numbers of the centroids that are nearest to their frames.
public struct ClusterTokenizer {
    public let clusters: ClusterFile
    /// What the clusters are of.
    public let layer: FrameLayer
    /// What is done to these frames.
    public let preparation: FramePreparation
    /// Makes them.
    public let frames: FrameMaker

    /// - Parameters:
    ///   - checkpoint: the model whose frames were clustered; not needed for MFCCs.
    ///   - longest: samples of which frames of the model are computed together.
    /// - Throws: `TokenizerError`; `FileError`; `CheckpointError` where the clusters are of another model or it has no such layer;
    ///   what reading the weights throws.
    public init(_ clusters: ClusterFile, _ checkpoint: Checkpoint?, longest: Int = .max) throws {
        guard let layer = clusters.layer.flatMap(FrameLayer.init) else {
            throw TokenizerError.noLayer(path: clusters.path)
        }
        (self.clusters, self.layer) = (clusters, layer)
        try Self.requireSameModel(clusters, checkpoint, layer)
        preparation = try FramePreparation(of: clusters)
        frames = try FrameMaker(layer, checkpoint, longest: longest, preparation: preparation)
    }

    private static func requireSameModel(
        _ clusters: ClusterFile, _ checkpoint: Checkpoint?, _ layer: FrameLayer
    ) throws {
        guard layer != .mfcc, let checkpoint, let known = clusters.metadata[Provenance.Key.hash],
            try checkpoint.hash().value() != known
        else { return }
        throw CheckpointError.unsuitable(
            path: checkpoint.path,
            "is not the checkpoint that \(clusters.path) was made with (SHA-256 \(known.prefix(12))…)")
    }

    /// - Parameter waveform: [N, 1], at the rate of `frames`.
    /// - Returns: one group of ids.
    /// - Throws: as `FrameMaker`; `TokenizerError` where the clusters are of other frames.
    package func quantize(_ waveform: FrameStore) throws -> TokenSequence {
        let frames = try frames(waveform)
        guard frames.shape[1] == clusters.kmeans.dimensions else {
            throw TokenizerError.otherDimensions(
                path: clusters.path, clusters.kmeans.dimensions, frames: frames.shape[1])
        }
        return TokenSequence(ids: clusters.kmeans.assign(frames).labels, groups: 1)
    }
}
