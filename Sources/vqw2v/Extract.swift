import ArgumentParser
import Checkpoints
import Communication
import Layers
import Speech
import SystemPackage
import Tensors
import TokenFiles
import Tokenizers
import Training

struct Extract: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Write what the model computes for each frame.",
        usage: "vqw2v extract --checkpoint <file> --layer <layer> --output <path> [<options>] <input> ...",
        discussion: """
            A recording that cannot be used is reported and skipped, and the exit code says so at the end. The \
            frame rate and the time of the first frame stand in the output's metadata or in OUTPUT.json.
            """)

    static let examples = [
        "vqw2v extract -c runs/first/best.safetensors --layer z -o z/ recordings/",
        "vqw2v extract -c vq-wav2vec.pt --layer c -f kaldi -o c wav.scp",
    ]

    @OptionGroup var input: InputOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Checkpoint of vqw2v, of fairseq (.pt), or a folder of Hugging Face.", valueName: "file"),
        completion: .checkpoint)
    var checkpoint: String

    @Option(
        help: """
            z: the encoder's output. logits: of all codewords, by group (Gumbel). quantized: the chosen codewords. \
            c: the output of the aggregator or the transformer. layer.N: of layer N of either, from 1 on.
            """)
    var layer: FeatureLayer

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Of float32 arrays [frames, channels]. "
                + ArrayFormat.allCases.map { "\($0): \($0.summary)" }.joined(separator: ". ") + "."))
    var format: ArrayFormat = .npy

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Folder for npy, file for npz and safetensors, X of X.ark and X.scp for kaldi.", valueName: "path"
        ),
        completion: .file())
    var output: String

    @OptionGroup var skip: SkipOptions

    @OptionGroup var pieces: PieceOptions

    @OptionGroup var compute: ComputeOptions

    private var options: FeatureOutputOptions {
        FeatureOutputOptions(format, output: output, layer: layer.rawValue)
    }

    func validate() throws {
        try asWrongUsage { try options.check() }
    }

    func run() throws {
        try compute.apply()
        try amongProcesses { try extract(among: $0) }
    }

    private func extract(among communicator: any Communicator) throws {
        let (checkpoint, base) = try communicator.together {
            let checkpoint = try Checkpoint(path: self.checkpoint)
            try pieces.requireFrames(checkpoint)
            let base = try OutputDescription(
                checkpoint, layer: layer, maxSamples: pieces.maxSamples, resamples: input.resample)
            return (checkpoint, base)
        }
        guard
            let run = try RecordingRun(
                input, skip: skip, sampleRate: checkpoint.configuration.data.sampleRate,
                models: [checkpoint.path],
                location: options.location, companions: options.companions,
                description: options.description(base), among: communicator)
        else { return }
        let extractor = try communicator.together { try checkpoint.features(layer) }
        try run(extractor) {
            try FeatureOutput(
                options, recordings: run.found.names, inputs: run.inputs, description: run.described(base))
        } make: { recording, sound in
            let features = try sound.withFrames { try extractor.features($0, longest: pieces.longest) }
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

extension FeatureLayer: ExpressibleByArgument {
    public static var allValueStrings: [String] { ["z", "logits", "quantized", "c", "layer.N"] }
    public static var defaultCompletionKind: CompletionKind { .list(["z", "logits", "quantized", "c"]) }
}
extension ArrayFormat: ExpressibleByArgument {}
