import Checkpoints
import Evaluation
import Files
import Foundation
import Reports
import Speech
import SystemPackage
import TensorFiles
import TokenFiles
import Training

/// What reads a kind of file, whatever is in it.
struct Reader: Sendable {
    let name: String
    /// Names of the file, one of which the first byte of an input chooses.
    let files: [String]
    let read: @Sendable (_ path: String, _ choice: Int) throws -> Void

    init(_ name: String, _ files: [String], _ read: @escaping @Sendable (String, Int) throws -> Void) {
        (self.name, self.files, self.read) = (name, files, read)
    }

    static let all = [
        // Pickles and zip archives: checkpoints of fairseq, with their configuration and all tensors.
        Reader("torch", ["model.pt"]) { path, _ in try useCheckpoint(path) },
        Reader("safetensors", ["model.safetensors"]) { path, _ in
            try? SafetensorsFile(path: path).check()
            try useCheckpoint(path)
        },
        Reader("clusters", ["clusters.safetensors"]) { path, _ in _ = try ClusterFile(path: path) },
        Reader("huggingface", ["hf/config.json"]) { path, _ in
            try useCheckpoint(FilePath(path).removingLastComponent().string)
        },
        Reader("huggingface-input", ["hf/preprocessor_config.json", "hf/processor_config.json"]) {
            path, _ in
            // The first of both is read where both are there.
            defer { unlink(path) }
            try useCheckpoint(FilePath(path).removingLastComponent().string)
        },
        Reader("huggingface-index", ["hf/model.safetensors.index.json"]) { path, _ in
            try useCheckpoint(FilePath(path).removingLastComponent().string)
        },
        // A run goes on with it, beside the recordings that it was begun with.
        Reader("resume", ["last.safetensors"]) { path, _ in
            let folder = FilePath(path).removingLastComponent()
            let checkpoint = try Checkpoint(path: path)
            let run = try checkpoint.configuration.resumed(settings: [])
            let data = try TrainingData([folder.appending("data")], configuration: run)
            _ = try Trainer(
                resuming: checkpoint, configuration: run, data: data,
                folder: RunFolder(path: folder.string), output: .silent)
        },
        Reader("joblib", ["kmeans.joblib"]) { path, _ in
            _ = try JoblibFile(path: path).array("cluster_centers_")
        },
        Reader("npy", ["array.npy"]) { path, _ in _ = try NumpyArray(path: path) },
        Reader("arrays", ["arrays.npz", "arrays.safetensors", "arrays.ark", "arrays.scp"]) { path, _ in
            try ArrayInput(path: path).read { _ in }
        },
        Reader("json", ["value.json"]) { path, _ in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            _ = try bytes.withUnsafeBytes { try JSONValue(parsing: $0) }
        },
        Reader("yaml", ["run.yaml"]) { path, _ in
            _ = try RunConfiguration.resolve(file: URL(fileURLWithPath: path))
        },
        // Logs and evaluations as a page shows them.
        Reader("log", ["log.jsonl"]) { path, _ in
            let run = RunReport(
                name: "run", log: try RunLog(path: path), configuration: nil, facts: [], chanceAccuracy: 0.1)
            _ = ReportPage(program: "program", runs: [run], units: []).html
        },
        Reader("evaluation", ["evaluation.json"]) { path, _ in
            _ =
                ReportPage(
                    program: "program", runs: [], units: [], evaluations: [try EvaluationReport(path: path)]
                ).html
        },
        Reader("alignments", AlignmentFormat.allCases.map { "labels.\($0.rawValue)" }) { path, choice in
            var options = AlignmentOptions()
            options.format = AlignmentFormat.allCases[choice]
            options.stripsPositions = true
            _ = try Alignment.read(FilePath(path), options: options)
        },
        Reader("items", ["items.item"]) { path, _ in _ = try ABXItems(path: path) },
        Reader("lists", ["list.tsv", "wav.scp", "segments"]) { path, choice in
            let list = choice == 2 ? "\(FilePath(path).removingLastComponent())/wav.scp" : path
            let search = RecordingSearch([FilePath(list)])
            for recording in search.recordings.prefix(20) { _ = try? AudioFile.info(recording.source) }
        },
        Reader("speakers", ["utt2spk"]) { path, _ in _ = try KaldiTables.speakers(FilePath(path)) },
        Reader(
            "audio",
            ["wav", "flac", "ogg", "opus", "mp3", "aiff", "au", "sph", "caf", "w64"].map { "sound.\($0)" }
        ) { path, _ in
            let sound = try Sound(AudioSource(path: FilePath(path)), sampleRate: 16000, resample: true)
            _ = try AudioFile.info(FilePath(path))
            _ = try sound.samples(0..<min(sound.count, 1000))
        },
        Reader("archive", ["wav.ark"]) { path, _ in
            for offset in [0, 2, 5] {
                _ = try? Sound(
                    AudioSource(path: FilePath(path), offset: offset), sampleRate: 16000, resample: true)
            }
        },
        Reader("tokens", TokenFormat.allCases.map { "ids-\($0.rawValue).\($0.rawValue)" }) { path, choice in
            var options = TokenInputOptions()
            options.format = TokenFormat.allCases[choice]
            options.names = ["a", "b"]
            _ = try TokenInput(path: path, options: options)
        },
        // Durations of tokens that stand in a file beside.
        Reader("durations", ["ids.dur"]) { path, _ in
            var options = TokenInputOptions()
            options.names = ["a", "b", "c"]
            _ = try TokenInput(path: path.dropLast(3) + "src", options: options)
        },
        Reader("combinations", ["ids.tsv", "ids.src"]) { path, _ in
            _ = try TokenCombinations(path: path, groups: 2, variables: 320)
        },
        Reader("descriptions", ["ids.tsv.json", "ids.gslm.json"]) { path, choice in
            let ids = String(path.dropLast(5))
            try (choice == 0 ? "a\t0-1 1-1\n" : "a|0 9 17\n").write(
                toFile: ids, atomically: false, encoding: .utf8)
            let input = try TokenInput(path: ids)
            guard let timing = input.timing else { return }
            let centres = FrameCentres(hop: timing.hop, window: timing.window, sampleRate: timing.sampleRate)
            let frames = input.utterances.map {
                RecordingFrames(
                    name: $0.name, ids: $0.ids, groups: input.groups, samples: $0.samples,
                    sampleRate: $0.sampleRate)
            }
            _ = try MatchedRecordings(frames, path: ids, centres: centres, alignments: nil)
        },
    ]

    /// A checkpoint, and the model that it holds.
    private static func useCheckpoint(_ path: String) throws {
        let checkpoint = try Checkpoint(path: path)
        _ = try? checkpoint.configurationYAML()
        _ = try? checkpoint.validationUsage()
        if (try? checkpoint.inferenceModel()) == nil { _ = try checkpoint.wav2vec2InferenceModel() }
    }
}
