import ArgumentParser
import Foundation
import Interchange
import Speech
import Training
import VQWav2Vec

struct Quantize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn recordings into token ids.",
        discussion: """
            Ids go to stdout or --output, a summary to stderr. The ids of a recording never depend on the \
            other recordings, their order or the number of threads. A recording that cannot be used is \
            reported and left out, and the exit code says so at the end.
            """)

    @Argument(help: "Audio files, folders (searched recursively) or fairseq manifests (.tsv).")
    var inputs: [String]

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

    @Flag(help: "Convert recordings of another sample rate instead of refusing them.")
    var resample = false

    @Option(
        help: """
            Cut longer recordings into equal pieces of about N samples at most and tokenize each alone, as \
            fairseq's featurizer does (its --max-size). Ids differ from those of the whole. (default: never)
            """)
    var maxSamples: Int?

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        if let maxSamples, maxSamples < 1 {
            throw ValidationError("--max-samples must be at least 1, not \(maxSamples)")
        }
    }

    func run() throws {
        compute.apply()
        let checkpoint = try Checkpoint(path: checkpoint)
        let model = try checkpoint.model()
        guard let quantizer = model.quantizer else {
            throw CheckpointError("\(checkpoint.path): \(ModelError.noQuantizer)")
        }
        let search = RecordingSearch(inputs)
        var failures = search.problems.count
        for problem in search.problems { printError("error: \(problem)") }
        let paths = search.recordings.map(\.path)
        guard !paths.isEmpty else { throw ExitCode.failure }

        let rate = checkpoint.configuration.data.sampleRate
        let stop = StopSignal()
        stop.listen()
        let writer = try format.writer(paths: paths, output: output)
        let reader = RecordingReader(paths, sampleRate: rate, resample: resample)
        var statistics = TokenStatistics()
        var progress = FileProgress(files: paths.count)
        for recording in search.recordings {
            guard let (path, waveform) = reader.next() else { break }
            guard !stop.isRequested else { throw ExitCode(130) }
            do {
                let utterance = try tokenize(waveform.get(), recording, model: model)
                try writer.write(utterance)
                statistics.add(utterance)
            } catch let error as AudioError {
                failures += 1
                progress.printError("error: \(error)")
                try writer.skip(path: path)
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
        _ waveform: Waveform, _ recording: Recording, model: Model
    ) throws -> TokenizedUtterance {
        let (path, samples) = (recording.path, waveform.samples.count)
        if let listed = recording.listedSamples, listed != samples, !resample {
            throw AudioError(
                "\(path): has \(samples) samples, not the \(listed) of its manifest: make the manifest anew")
        }
        guard !waveform.isSilent else {
            throw AudioError("\(path): every sample is zero: a silent recording has no tokens, leave it out")
        }
        do {
            let tokens = try TokenSequence(of: waveform.samples, longest: maxSamples ?? .max) {
                try model.quantize($0)
            }
            return TokenizedUtterance(
                path: path, samples: samples, sampleRate: waveform.sampleRate,
                groups: tokens.groups, ids: tokens.ids)
        } catch let error as ModelError {
            throw AudioError("\(path): \(error); leave it out")
        }
    }
}

extension TokenFormat: ExpressibleByArgument {}
