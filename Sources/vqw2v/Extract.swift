import ArgumentParser
import Interchange
import Speech
import Training
import VQWav2Vec

struct Extract: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write what the model computes for each frame.",
        discussion: """
            A recording that cannot be used is reported and left out, and the exit code says so at the end. The \
            frame rate and the time of the first frame stand in the output's metadata or in OUTPUT.json.
            """)

    @Argument(help: "Audio files, folders (searched recursively) or fairseq manifests (.tsv).")
    var inputs: [String]

    @Option(help: "Checkpoint of vqw2v.")
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

    @Flag(help: "Convert recordings of another sample rate instead of refusing them.")
    var resample = false

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        compute.apply()
        let checkpoint = try Checkpoint(path: checkpoint)
        let hash = try FileHash(path: checkpoint.path)
        let model = try checkpoint.model()
        do {
            try model.require(layer)
        } catch {
            throw CheckpointError("\(checkpoint.path): \(error)")
        }
        let search = RecordingSearch(inputs)
        var failures = search.problems.count
        for problem in search.problems { printError("error: \(problem)") }
        let names = search.recordings.map { RecordingName(path: $0.path) }
        guard !names.isEmpty else { throw ExitCode.failure }

        let stop = StopSignal()
        stop.listen()
        let description = try OutputDescription(checkpoint, hash: hash, layer: layer)
        let writer = try FeatureOutput(
            format, output: output, layer: layer.rawValue, recordings: names,
            inputs: inputs + [checkpoint.path], description: description)
        let reader = RecordingReader(
            names.map(\.path), sampleRate: checkpoint.configuration.data.sampleRate, resample: resample)
        var progress = FileProgress(files: names.count)
        var (written, audioSeconds) = (0, 0.0)
        for (recording, name) in zip(search.recordings, names) {
            guard let (_, result) = reader.next() else { break }
            guard !stop.isRequested else { throw ExitCode(130) }
            do {
                let waveform = try result.get()
                try waveform.requireUsable(as: recording, resampled: resample)
                try write(waveform, name, model: model, to: writer)
                written += 1
                audioSeconds += Double(waveform.samples.count) / Double(waveform.sampleRate)
            } catch let error as AudioError {
                failures += 1
                progress.printError("error: \(error)")
            }
            progress.advance(audioSeconds: audioSeconds)
        }
        progress.finish()
        try writer.finish()
        printError("files             \(written)")
        printError("audio             \(decimal(audioSeconds / 3600, 3)) h")
        printError("checkpoint        \(try description.checkpointSHA256()) (SHA-256)")
        if failures > 0 {
            printError("\(failures) of the inputs could not be used")
            throw ExitCode.failure
        }
    }

    private func write(
        _ waveform: Waveform, _ name: RecordingName, model: Model, to writer: FeatureOutput
    ) throws {
        do {
            let features = try model.features(waveform.samples, layer: layer)
            // The values are the tensor's: it has to outlive their use.
            try withExtendedLifetime(features) {
                try writer.write(
                    FeatureMatrix(
                        name, frames: features.shape[0], channels: features.shape[1],
                        values: UnsafeBufferPointer(start: features.pointer, count: features.count)))
            }
        } catch let error as ModelError {
            throw AudioError("\(name.path): \(error); leave it out")
        }
    }
}

extension FeatureLayer: ExpressibleByArgument {}
extension FeatureFormat: ExpressibleByArgument {}
