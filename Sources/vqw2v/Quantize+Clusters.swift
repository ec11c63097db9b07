import ArgumentParser
import Checkpoints
import Communication
import Evaluation
import Files
import Foundation
import Speech
import TensorFiles
import TokenFiles

extension Quantize {
    /// Writes the numbers of the nearest centroids.
    func quantize(by clusters: ClusterFile, among communicator: any Communicator) throws {
        let options = output.options
        let (checkpoint, maker, encoding, base) = try communicator.together {
            let checkpoint = try self.checkpoint.map { try Checkpoint(path: $0) }
            guard let layer = clusters.layer.flatMap(FrameLayer.init(argument:)) else {
                throw FileError.unusable(
                    path: clusters.path, problem: "does not say of which layer its clusters are")
            }
            try requireSameModel(clusters, checkpoint, layer)
            guard pieces.maxSamples == nil || layer != .mfcc else {
                throw ValidationError(
                    "--max-samples is for frames of a model: leave it out with those of mfcc")
            }
            try checkpoint.map { try pieces.requireFrames($0) }
            let maker = try FrameMaker(layer, checkpoint, longest: pieces.longest)
            let encoding = try options.encoding(groups: 1, codewords: clusters.kmeans.clusters)
            return (
                checkpoint, maker, encoding, try description(clusters, checkpoint, layer, maker.centres)
            )
        }
        guard
            let run = try RecordingRun(
                input, skip: skip, sampleRate: maker.sampleRate,
                models: [clusters.path] + (checkpoint.map { [$0.path] } ?? []), location: options.location,
                description: options.description(base, encoding), among: communicator)
        else { return }
        try communicator.together { try run.found.requireWholeFiles(for: options.format) }
        var statistics = TokenStatistics()
        try run {
            try TokenOutput(
                options, encoding: encoding, recordings: run.found.names, first: run.found.first,
                inputs: run.inputs,
                description: base)
        } make: { recording, sound in
            let frames = try maker(sound, recording)
            guard frames.shape[1] == clusters.kmeans.dimensions else {
                throw FileError.unusable(
                    path: clusters.path,
                    problem:
                        "has centroids of \(clusters.kmeans.dimensions) values, frames have \(frames.shape[1]); "
                        + "give clusters of this model")
            }
            return TokenizedUtterance(
                path: recording.source.location, name: recording.name, samples: sound.count,
                sampleRate: sound.sampleRate, channels: sound.channels, groups: 1,
                ids: clusters.kmeans.assign(frames).labels)
        } count: {
            statistics.add($0)
        } summary: { tally in
            statistics.summary(codewords: clusters.kmeans.clusters, seconds: tally.seconds)
        }
    }

    /// - Throws: `CheckpointError` where the clusters are of another model.
    private func requireSameModel(
        _ clusters: ClusterFile, _ checkpoint: Checkpoint?, _ layer: FrameLayer
    ) throws {
        guard layer != .mfcc, let checkpoint, let known = clusters.metadata[Provenance.Key.hash] else {
            return
        }
        guard try checkpoint.provenance().checkpoint.value() == known else {
            throw CheckpointError.unsuitable(
                path: checkpoint.path,
                "is not the checkpoint that \(clusters.path) was made with (SHA-256 \(known.prefix(12))…)")
        }
    }

    /// The clusters are what the ids are made with; the model's checkpoint stands beside them.
    private func description(
        _ clusters: ClusterFile, _ checkpoint: Checkpoint?, _ layer: FrameLayer, _ centres: FrameCentres
    ) throws -> OutputDescription {
        let configuration = try checkpoint?.provenance().configuration ?? "{}"
        var description = try OutputDescription(
            Provenance(
                program: Checkpoint.programVersion, checkpoint: FileHash(path: clusters.path),
                configuration: configuration), facts: ["layer": layer.name])
        try description.add([
            "sample_rate": centres.sampleRate, "hop_samples": centres.hop, "window_samples": centres.window,
        ])
        if let checkpoint {
            try description.add([
                "model_checkpoint": checkpoint.path,
                "model_checkpoint_sha256": try checkpoint.provenance().checkpoint.value(),
            ])
        }
        if let maxSamples = pieces.maxSamples { try description.add(["max_samples": maxSamples]) }
        if input.resample { try description.add(["resampled": true]) }
        return description
    }
}
