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

    @OptionGroup var output: TokenOptions

    @Flag(help: "Convert recordings of another sample rate instead of refusing them.")
    var resample = false

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        compute.apply()
        let options = output.options
        try options.check(resamples: resample)
        let checkpoint = try Checkpoint(path: checkpoint)
        let hash = try FileHash(path: checkpoint.path)
        let model = try checkpoint.model()
        guard let quantizer = model.quantizer else {
            throw CheckpointError("\(checkpoint.path): \(ModelError.noQuantizer)")
        }
        let encoding = try options.encoding(groups: quantizer.groups, codewords: quantizer.variables)
        let search = RecordingSearch(inputs)
        var failures = search.problems.count
        for problem in search.problems { printError("error: \(problem)") }
        let paths = search.recordings.map(\.path)
        guard !paths.isEmpty else { throw ExitCode.failure }

        let rate = checkpoint.configuration.data.sampleRate
        let stop = StopSignal()
        stop.listen()
        let description = try OutputDescription(checkpoint, hash: hash)
        let writer = try TokenOutput(
            options, encoding: encoding, recordings: paths.map { RecordingName(path: $0) },
            inputs: inputs + [checkpoint.path], description: description)
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
        printError("checkpoint        \(try description.checkpointSHA256()) (SHA-256)")
        if failures > 0 {
            printError("\(failures) of the inputs could not be used")
            throw ExitCode.failure
        }
    }

    private func tokenize(
        _ waveform: Waveform, _ recording: Recording, model: Model
    ) throws -> TokenizedUtterance {
        let path = recording.path
        try waveform.requireUsable(as: recording, resampled: resample)
        do {
            let tokens = try model.quantize(waveform.samples)
            return TokenizedUtterance(
                path: path, samples: waveform.samples.count, sampleRate: waveform.sampleRate,
                channels: waveform.channels,
                groups: tokens.groups, ids: tokens.ids)
        } catch let error as ModelError {
            throw AudioError("\(path): \(error); leave it out")
        }
    }
}
