import ArgumentParser
import Interchange
import Speech
import Tensors
import Training
import VQWav2Vec

struct Extract: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write what the model computes for each frame.",
        discussion: """
            A recording that cannot be used is reported and left out, and the exit code says so at the end. The \
            frame rate and the time of the first frame stand in the output's metadata or in OUTPUT.json.
            """)

    @OptionGroup var input: InputOptions

    @Option(help: "Checkpoint of vqw2v, or of fairseq (.pt).")
    var checkpoint: String

    @Option(
        help: """
            z: the encoder's output. logits: of all codewords, by group (Gumbel). quantized: the chosen codewords. \
            c: the aggregator's output.
            """)
    var layer: FeatureLayer

    @Option(
        help:
            "npy: a float32 array [frames, channels] per recording. safetensors: one file. kaldi: ark and scp."
    )
    var format: FeatureFormat = .npy

    @Option(help: "Folder for npy, file for safetensors, X of X.ark and X.scp for kaldi.")
    var output: String

    @OptionGroup var skip: SkipOptions

    @OptionGroup var compute: ComputeOptions

    func validate() throws { try skip.validate(output: output) }

    func run() throws {
        try compute.apply()
        if skip.isDone(format.lastFile(of: output)) { return }
        let checkpoint = try Checkpoint(path: checkpoint)
        let hash = checkpoint.hash()
        let model = try checkpoint.model()
        let extractor: FeatureExtractor
        do {
            extractor = try FeatureExtractor(model, layer: layer)
        } catch {
            throw CheckpointError("\(checkpoint.path): \(error)")
        }
        let rate = checkpoint.configuration.data.sampleRate
        let found = try input.find(sampleRate: rate)
        let recordings =
            format == .npy ? skip.remaining(found.recordings, folder: output) : found.recordings

        var pass = RecordingPass(recordings, of: found, sampleRate: rate, resample: input.resample)
        let description = try OutputDescription(checkpoint, hash: hash, layer: layer)
        let writer = try FeatureOutput(
            format, output: output, layer: layer.rawValue, recordings: found.names,
            inputs: found.files + [checkpoint.path], description: description)
        try pass.run { recording, sound in
            let features = try sound.withFrames { try extractor($0) }
            // The values are the tensor's: it has to outlive their use.
            try withExtendedLifetime(features) {
                try writer.write(
                    FeatureMatrix(
                        recording.outputName, frames: features.shape[0], channels: features.shape[1],
                        values: UnsafeBufferPointer(start: features.pointer, count: features.count)))
            }
        }
        try writer.finish()
        printError("files             \(pass.used)")
        printError("audio             \(decimal(pass.audioSeconds / 3600, 3)) h")
        try pass.conclude(description)
    }
}

extension FeatureLayer: ExpressibleByArgument {}
extension FeatureFormat: ExpressibleByArgument {}
