import ArgumentParser
import Checkpoints
import Speech
import SystemPackage
import Tensors
import TokenFiles
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
        help: ArgumentHelp(
            "Of float32 arrays [frames, channels]. "
                + ArrayFormat.allCases.map { "\($0): \($0.summary)" }.joined(separator: ". ") + "."))
    var format: ArrayFormat = .npy

    @Option(help: "Folder for npy, file for npz and safetensors, X of X.ark and X.scp for kaldi.")
    var output: String

    @OptionGroup var skip: SkipOptions

    @OptionGroup var compute: ComputeOptions

    private var options: FeatureOutputOptions {
        FeatureOutputOptions(format, output: output, layer: layer.rawValue)
    }

    func validate() throws {
        do { try options.check() } catch { throw ValidationError("\(error)") }
    }

    func run() throws {
        compute.apply()
        let checkpoint = try Checkpoint(path: checkpoint)
        let base = try OutputDescription(checkpoint, layer: layer, resamples: input.resample)
        guard
            let run = try RecordingRun(
                input, skip: skip, checkpoint: checkpoint, location: options.location,
                description: options.description(base))
        else { return }
        let extractor: FeatureExtractor
        do {
            extractor = try FeatureExtractor(checkpoint.model(), layer: layer)
        } catch let error as ModelError {
            throw CheckpointError.unsuitable(path: checkpoint.path, "\(error)")
        }
        try run {
            try FeatureOutput(
                options, recordings: run.found.names, inputs: run.inputs, description: base)
        } make: { recording, waveform in
            let features = try extractor(waveform.samples)
            return FeatureMatrix(
                recording.outputName, frames: features.shape[0], channels: features.shape[1],
                values: UnsafeBufferPointer(start: features.pointer, count: features.count),
                owner: Owner(features))
        } summary: { tally in
            [
                "files             \(tally.files)",
                "audio             \(decimal(tally.audioSeconds / 3600, 3)) h",
            ]
        }
    }

    /// Keeps a tensor whose memory is handed over.
    private final class Owner {
        private let tensor: Tensor

        init(_ tensor: Tensor) { self.tensor = tensor }
    }
}

extension FeatureLayer: ExpressibleByArgument {}
extension ArrayFormat: ExpressibleByArgument {}
