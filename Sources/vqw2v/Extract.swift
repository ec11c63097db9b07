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
        compute.apply()
        if skip.isDone(format.lastFile(of: output)) { return }
        let checkpoint = try Checkpoint(path: checkpoint)
        let hash = try FileHash(path: checkpoint.path)
        let model = try checkpoint.model()
        let extractor: FeatureExtractor
        do {
            extractor = try FeatureExtractor(model, layer: layer)
        } catch {
            throw CheckpointError("\(checkpoint.path): \(error)")
        }
        let rate = checkpoint.configuration.data.sampleRate
        let found = try input.find(sampleRate: rate)
        var failures = found.problems
        let recordings =
            format == .npy ? skip.remaining(found.recordings, folder: output) : found.recordings

        let stop = StopSignal()
        stop.listen()
        let description = try OutputDescription(checkpoint, hash: hash, layer: layer)
        let writer = try FeatureOutput(
            format, output: output, layer: layer.rawValue, recordings: found.names,
            inputs: found.files + [checkpoint.path], description: description)
        let reader = RecordingReader(recordings, sampleRate: rate, resample: input.resample)
        var progress = FileProgress(files: recordings.count)
        var (written, audioSeconds) = (0, 0.0)
        while let (recording, result) = reader.next() {
            guard !stop.isRequested else { throw ExitCode(130) }
            do {
                let waveform = try result.get()
                try waveform.requireUsable(as: recording, resampled: input.resample)
                try write(waveform, recording.outputName, extractor, to: writer)
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
        _ waveform: Waveform, _ name: RecordingName, _ extractor: FeatureExtractor, to writer: FeatureOutput
    ) throws {
        do {
            let features = try extractor(waveform.samples)
            // The values are the tensor's: it has to outlive their use.
            try withExtendedLifetime(features) {
                try writer.write(
                    FeatureMatrix(
                        name, frames: features.shape[0], channels: features.shape[1],
                        values: UnsafeBufferPointer(start: features.pointer, count: features.count)))
            }
        } catch let error as ModelError {
            throw AudioError("\(name.path): \(error); leave it out")
        } catch let error as SpillError {
            throw AudioError("\(name.path): \(error)")
        }
    }
}

extension FeatureLayer: ExpressibleByArgument {}
extension FeatureFormat: ExpressibleByArgument {}
