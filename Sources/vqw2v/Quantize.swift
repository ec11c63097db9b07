import ArgumentParser
import Foundation
import Interchange
import Speech
import Tensors
import Training
import VQWav2Vec

struct Quantize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn recordings into token ids.",
        discussion: """
            Ids go to stdout or --output, a summary to stderr. The ids of a recording never depend on the \
            other recordings, their order or the number of threads. A recording that cannot be used is \
            reported and left out, and the exit code says so at the end.

            Several jobs share the work with --shard 1/n to n/n, each with an --output of its own; put one \
            after the other, their outputs are that of a single job.
            """)

    @OptionGroup var input: InputOptions

    @Option(help: "Checkpoint of vqw2v, or of fairseq (.pt).")
    var checkpoint: String

    @OptionGroup var output: TokenOptions

    @OptionGroup var skip: SkipOptions

    @Option(
        help: """
            Cut longer recordings into equal pieces of about N samples at most and tokenize each alone, as \
            fairseq's featurizer does (its --max-size). Ids differ from those of the whole. (default: never)
            """)
    var maxSamples: Int?

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        try skip.validate(output: output.output)
        if let maxSamples, maxSamples < 1 {
            throw ValidationError("--max-samples must be at least 1, not \(maxSamples)")
        }
    }

    func run() throws {
        try compute.apply()
        let options = output.options
        try options.check(resamples: input.resample)
        if skip.isDone(options.lastFile) { return }
        let checkpoint = try Checkpoint(path: checkpoint)
        let hash = checkpoint.hash()
        let model = try checkpoint.inferenceModel()
        guard let quantizer = model.quantizer else {
            throw CheckpointError("\(checkpoint.path): \(ModelError.noQuantizer)")
        }
        let encoding = try options.encoding(groups: quantizer.groups, codewords: quantizer.variables)
        let rate = checkpoint.configuration.data.sampleRate
        let found = try input.find(sampleRate: rate)
        try found.requireWholeFiles(for: options.format)
        let recordings =
            options.format == .npy
            ? skip.remaining(found.recordings, folder: options.output) : found.recordings

        var pass = RecordingPass(recordings, of: found, sampleRate: rate, resample: input.resample)
        let description = try OutputDescription(checkpoint, hash: hash)
        let writer = try TokenOutput(
            options, encoding: encoding, recordings: found.names, first: found.first,
            inputs: found.files + [checkpoint.path], description: description)
        var statistics = TokenStatistics()
        try pass.run { recording, sound in
            let utterance = try tokenize(sound, recording, model: model)
            try writer.write(utterance)
            statistics.add(utterance)
        } leaveOut: { recording in
            try writer.skip(path: recording.path)
        }
        try writer.finish()
        for line in statistics.summary(codewords: quantizer.variables, seconds: pass.elapsed) {
            printError(line)
        }
        try pass.conclude(description)
    }

    private func tokenize(
        _ sound: Sound, _ recording: Recording, model: InferenceModel
    ) throws -> TokenizedUtterance {
        let tokens = try TokenSequence(of: sound.count, longest: maxSamples ?? .max) { piece in
            if piece.count == sound.count { return try sound.withFrames { try model.quantize($0) } }
            return try model.quantize(try sound.samples(piece))
        }
        return TokenizedUtterance(
            path: recording.path, name: recording.name, samples: sound.count,
            sampleRate: sound.sampleRate, channels: sound.channels, groups: tokens.groups,
            ids: tokens.ids)
    }
}
