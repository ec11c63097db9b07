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

    @Option(help: "File to write, for npy a folder. (default: stdout)")
    var output: String?

    @Option(
        help: """
            tsv: path, tab, frames by spaces, groups by dashes. fairseq: the same without the path. jsonl: an \
            object per line. npy: an int32 array [frames, groups] per file.
            """)
    var format: TokenFormat = .tsv

    @OptionGroup var skip: SkipOptions

    @OptionGroup var compute: ComputeOptions

    func validate() throws { try skip.validate(output: output) }

    func run() throws {
        compute.apply()
        if format != .npy, skip.isDone(output) { return }
        let checkpoint = try Checkpoint(path: checkpoint)
        let model = try checkpoint.inferenceModel()
        guard let quantizer = model.quantizer else {
            throw CheckpointError("\(checkpoint.path): \(ModelError.noQuantizer)")
        }
        let rate = checkpoint.configuration.data.sampleRate
        let found = try input.find(sampleRate: rate)
        var failures = found.problems
        try found.requireOther(than: output)
        let recordings =
            format == .npy ? skip.remaining(found.recordings, folder: output) : found.recordings

        let stop = StopSignal()
        stop.listen()
        let writer = try format.writer(paths: found.all.map(\.path), output: output)
        let reader = RecordingReader(recordings, sampleRate: rate, resample: input.resample)
        var statistics = TokenStatistics()
        var progress = FileProgress(files: recordings.count)
        while let (recording, waveform) = reader.next() {
            guard !stop.isRequested else { throw ExitCode(130) }
            do {
                let utterance = try tokenize(waveform.get(), recording, model: model)
                try writer.write(utterance)
                statistics.add(utterance)
            } catch let error as AudioError {
                failures += 1
                progress.printError("error: \(error)")
                try writer.skip(path: recording.path)
            }
            progress.advance(audioSeconds: statistics.audioSeconds)
        }
        progress.finish()
        try writer.finish()
        for line in statistics.summary(codewords: quantizer.variables, seconds: progress.elapsed) {
            printError(line)
        }
        if failures > 0 {
            printError("\(failures) of the inputs could not be used")
            throw ExitCode.failure
        }
    }

    private func tokenize(
        _ waveform: Waveform, _ recording: Recording, model: InferenceModel
    ) throws -> TokenizedUtterance {
        let (path, samples) = (recording.path, waveform.samples.count)
        if let listed = recording.listedSamples, listed != samples, !input.resample {
            throw AudioError(
                "\(path): has \(samples) samples, not the \(listed) of its manifest: make the manifest anew")
        }
        guard !waveform.isSilent else {
            throw AudioError("\(path): every sample is zero: a silent recording has no tokens, leave it out")
        }
        do {
            let tokens = try model.quantize(waveform.samples)
            return TokenizedUtterance(
                path: path, samples: samples, sampleRate: waveform.sampleRate,
                groups: tokens.groups, ids: tokens.ids)
        } catch let error as ModelError {
            throw AudioError("\(path): \(error); leave it out")
        } catch let error as SpillError {
            throw AudioError("\(path): \(error)")
        }
    }
}

extension TokenFormat: ExpressibleByArgument {}
