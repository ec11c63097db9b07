import ArgumentParser
import Checkpoints
import Communication
import Evaluation
import Files
import Foundation
import Speech
import TensorFiles
import TokenFiles
import Tokenizers

extension Quantize {
    /// Writes the numbers of the nearest centroids.
    func quantize(by clusters: ClusterFile, among communicator: any Communicator) throws {
        let options = output.options
        let (checkpoint, tokenizer, encoding, base) = try communicator.together {
            let checkpoint = try self.checkpoint.map { try Checkpoint(path: $0) }
            guard pieces.maxSamples == nil || clusters.layer != FrameLayer.mfcc.rawValue else {
                throw ValidationError(
                    "--max-samples is for frames of a model: leave it out with those of mfcc")
            }
            try checkpoint.map { try pieces.requireFrames($0) }
            let tokenizer: ClusterTokenizer
            do {
                tokenizer = try ClusterTokenizer(clusters, checkpoint, longest: pieces.longest)
            } catch let error as TokenizerError where error.isOfArguments {
                throw ValidationError(sentence(of: error))
            }
            let encoding = try options.encoding(groups: 1, codewords: clusters.kmeans.clusters)
            return (checkpoint, tokenizer, encoding, try description(tokenizer, checkpoint))
        }
        guard
            let run = try RecordingRun(
                input, skip: skip, sampleRate: tokenizer.frames.sampleRate,
                models: [clusters.path] + (checkpoint.map { [$0.path] } ?? []), location: options.location,
                companions: options.companions(encoding), description: options.description(base, encoding),
                among: communicator)
        else { return }
        try communicator.together { try run.found.requireWholeFiles(for: options.format) }
        var statistics = TokenStatistics()
        try run(tokenizer.frames.model) {
            try TokenOutput(
                options, encoding: encoding, recordings: run.found.names, first: run.found.first,
                inputs: run.inputs,
                description: run.described(base))
        } make: { recording, sound in
            let tokens = try sound.withFrames { try tokenizer.quantize($0) }
            return TokenizedUtterance(
                path: recording.source.location, name: recording.name, samples: sound.count,
                sampleRate: sound.sampleRate, channels: sound.channels, groups: 1,
                ids: tokens.ids)
        } count: {
            statistics.add($0)
        } summary: { tally in
            statistics.summary(codewords: clusters.kmeans.clusters, seconds: tally.seconds)
        }
    }

    /// The clusters are what the ids are made with; the model's checkpoint stands beside them.
    private func description(
        _ tokenizer: ClusterTokenizer, _ checkpoint: Checkpoint?
    ) throws -> OutputDescription {
        let configuration = try checkpoint?.provenance().configuration ?? "{}"
        var description = try OutputDescription(
            Provenance(
                program: Checkpoint.programVersion, checkpoint: tokenizer.clusters.hash(),
                configuration: configuration), facts: ["layer": tokenizer.layer.rawValue])
        let preparation = tokenizer.preparation
        if preparation.normalizes { try description.add(["normalize": "recording"]) }
        if preparation.averagedFrames > 1 {
            try description.add(["average_frames": preparation.averagedFrames])
        }
        let centres = tokenizer.frames.centres
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
