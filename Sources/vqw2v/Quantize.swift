import ArgumentParser
import Checkpoints
import Communication
import Evaluation
import Foundation
import Layers
import Speech
import SystemPackage
import Tensors
import TokenFiles
import Training

struct Quantize: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Turn recordings into token ids.",
        usage: "vqw2v quantize --checkpoint <file> [<options>] <input> ...",
        discussion: """
            Ids go to stdout or --output, a summary to stderr. The ids of a recording never depend on the \
            other recordings, their order or the number of threads. A recording that cannot be used is \
            reported and skipped, and the exit code says so at the end.

            Several jobs share the work with --shard 1/n to n/n, each with an --output of its own; put one \
            after the other, their outputs are that of a single job.
            """)

    static let examples = [
        "vqw2v quantize -c runs/first/best.safetensors recordings/ > ids.tsv",
        "vqw2v quantize -c vq-wav2vec.pt -f npz -o ids.npz --resample a.flac b.mp3",
        "vqw2v quantize -c wav2vec2-base/ -f jsonl -o ids.jsonl recordings/",
        "find . -name '*.wav' | vqw2v quantize -c vq-wav2vec.pt -",
    ]

    @OptionGroup var input: InputOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Checkpoint of vqw2v, of fairseq (.pt), or a folder of Hugging Face.", valueName: "file"),
        completion: .checkpoint)
    var checkpoint: String?

    @Option(
        help: ArgumentHelp(
            "Clusters that cluster has found, whose numbers are the ids in place of the model's. Those of mfcc need no "
                + "checkpoint.", valueName: "file"),
        completion: .file(extensions: ["safetensors"]))
    var clusters: String?

    @Option(
        help: ArgumentHelp(
            "Operands of the encoder's products: float32, or bf16, which is faster and changes some of the ids.",
            valueName: "precision"))
    var precision = Precision.float32

    @OptionGroup var output: TokenOptions

    @OptionGroup var skip: SkipOptions

    @OptionGroup var pieces: PieceOptions

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        guard checkpoint != nil || clusters != nil else {
            throw ValidationError("Missing expected argument '--checkpoint <file>'")
        }
        guard clusters == nil || precision == .float32 else {
            throw ValidationError("--precision is for the ids of a model, not for --clusters")
        }
        try skip.validate(output: output.options.output)
        try output.check(resamples: input.resample)
    }

    func run() throws {
        try compute.apply()
        try amongProcesses { communicator in
            if let clusters {
                let clusters = try communicator.together { try ClusterFile(path: clusters) }
                return try quantize(by: clusters, among: communicator)
            }
            guard let checkpoint else { return }
            try quantize(by: communicator.together { try Checkpoint(path: checkpoint) }, among: communicator)
        }
    }

    private func quantize(by checkpoint: Checkpoint, among communicator: any Communicator) throws {
        let options = output.options
        let (codebook, encoding, base) = try communicator.together {
            let codebook = try checkpoint.requireCodebook()
            let encoding = try options.encoding(groups: codebook.groups, codewords: codebook.variables)
            try pieces.requireFrames(checkpoint)
            let base = try OutputDescription(
                checkpoint, maxSamples: pieces.maxSamples, resamples: input.resample,
                precision: precision.supported)
            return (codebook, encoding, base)
        }
        let description = try options.description(base, encoding)
        try communicator.requireAlike([("instructions for bf16", BFloat16.used(for: precision) ?? "")])
        if precision == .bf16, communicator.isFirst { warnOfBFloat16() }
        guard
            let run = try RecordingRun(
                input, skip: skip, sampleRate: checkpoint.configuration.data.sampleRate,
                models: [checkpoint.path],
                location: options.location, companions: options.companions(encoding),
                description: description, among: communicator)
        else { return }
        let model = try communicator.together {
            try run.found.requireWholeFiles(for: options.format)
            return try checkpoint.unitModel(precision: precision)
        }
        var statistics = TokenStatistics()
        try run(model) {
            try TokenOutput(
                options, encoding: encoding, recordings: run.found.names, first: run.found.first,
                inputs: run.inputs, description: run.described(base))
        } make: { recording, sound in
            try tokenize(sound, recording, model: model)
        } count: {
            statistics.add($0)
        } summary: { tally in
            statistics.summary(codewords: codebook.variables, seconds: tally.seconds)
        }
    }

    private func warnOfBFloat16() {
        guard precision.supported == .bf16 else { return printError(missingBFloat16("--precision bf16")) }
        printError(
            "bf16: expect 1 or 2 % of a group's ids to differ from those of float32 (0.2 to 1.5 % where it was measured), "
                + "so twice that of tokens of two groups: do not use them beside ids of float32"
        )
    }

    private func tokenize(
        _ sound: Sound, _ recording: Recording, model: any UnitModel
    ) throws -> TokenizedUtterance {
        let tokens = try TokenSequence(of: sound.count, longest: pieces.longest) { piece in
            if piece.count == sound.count { return try sound.withFrames { try model.quantize($0) } }
            return try model.quantize(try sound.samples(piece))
        }
        return TokenizedUtterance(
            path: recording.source.location, name: recording.name, samples: sound.count,
            sampleRate: sound.sampleRate, channels: sound.channels, groups: tokens.groups,
            ids: tokens.ids)
    }
}

extension Precision: ExpressibleByArgument {}
