import Checkpoints
import Foundation
import TestSupport
import Testing
import Training
import VQWav2Vec

/// What a run cannot begin or go on with is named before anything is touched.
@Suite struct RefusalTests {
    @Test func aFolderWithARun() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 1)
        let before = try folder.bytes(folder.last)
        let text = message { try runs.train("run", tiny()) }
        #expect(text.contains("/run holds a run already: add --resume"), "\(text)")
        #expect(try folder.bytes(folder.last) == before)
    }

    @Test func fewerRecordings() throws {
        let runs = try TinyRuns()
        try runs.train("run", tiny(), upTo: 1)
        try FileManager.default.removeItem(atPath: runs.data + "/5.wav")
        let text = message { try runs.train("run", tiny(), resume: true) }
        #expect(text.contains("was trained on 4 utterances"), "\(text)")
        #expect(text.contains("--init-from"), "\(text)")
    }

    @Test func otherRecordingsOfTheSameLength() throws {
        let runs = try TinyRuns()
        try runs.train("run", tiny(), upTo: 1)
        for index in 0..<6 {
            try FileManager.default.moveItem(
                atPath: "\(runs.data)/\(index).wav", toPath: "\(runs.data)/other-\(index).wav")
        }
        #expect(message { try runs.train("run", tiny(), resume: true) }.contains("name the same data"))
    }

    @Test func theSameRecordingsInAnotherOrder() throws {
        let runs = try TinyRuns()
        let run = tiny()
        let files = (0..<6).map { "\(runs.data)/\($0).wav" }
        let validation = [runs.data + "/0.wav", runs.data + "/1.wav"]
        func trainer(_ files: [String], _ validation: [String], resume: Bool) throws -> Trainer {
            let data = try TrainingData(files, validation: validation, configuration: run)
            let folder = runs.folder("run")
            return resume
                ? try Trainer(
                    resuming: Checkpoint(path: folder.last), configuration: run, data: data, folder: folder,
                    output: RunScreen().output())
                : try Trainer(run, data: data, folder: folder, output: RunScreen().output())
        }
        try trainer(files, validation, resume: false).run(limit: 1)
        #expect(message { try trainer(files.reversed(), validation, resume: true) }.contains("in this order"))
        #expect(message { try trainer(files, [validation[1]], resume: true) }.contains("validation data"))
        #expect(message { try trainer(files, validation, resume: true) } == "no error")
    }

    @Test func aMissingRecording() throws {
        let runs = try TinyRuns()
        let run = tiny()
        let data = try TrainingData([runs.data], configuration: run)
        for index in 0..<6 { try FileManager.default.removeItem(atPath: "\(runs.data)/\(index).wav") }
        let trainer = try Trainer(run, data: data, folder: runs.folder("run"), output: RunScreen().output())
        let text = message { try trainer.run() }
        #expect(text.contains(".wav: no such file"), "\(text)")
        #expect(!runs.folder("run").hasRun)
    }

    @Test func changedSettings() throws {
        let run = tiny()
        for setting in [
            "schedule.learning_rate=1", "training.seed=9", "quantizer.variables=8", "data.max_samples=9000",
        ] {
            let text = message { try run.resumed(settings: [setting]) }
            #expect(text.contains("begin a new run with --init-from"), "\(setting): \(text)")
        }
        #expect(try run.resumed(settings: ["training.max_updates=99"]).training.maxUpdates == 99)
    }

    @Test func aTruncatedCheckpoint() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 1)
        let bytes = try folder.bytes(folder.last)
        for count in [0, 5, 100, bytes.count / 2, bytes.count - 1] {
            try bytes.prefix(count).write(to: URL(fileURLWithPath: folder.last))
            let text = message { try runs.train("run", tiny(), resume: true) }
            #expect(text.hasPrefix(folder.last), "\(text)")
            #expect(text.contains("trunca") || text.contains("too short"), "\(text)")
        }
    }

    @Test func anotherVersion() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 1)
        try folder.rewriteLast(metadata: { $0["format_version"] = "3" })
        #expect(message { try Checkpoint(path: folder.last) }.contains("was written by a newer program"))
        try folder.rewriteLast(metadata: { ($0["format_version"], $0["format"]) = (nil, nil) })
        #expect(message { try Checkpoint(path: folder.last) }.contains("not a checkpoint of vqw2v"))
    }

    @Test(arguments: ["configuration", "state"]) func aMissingDescription(key: String) throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 1)
        try folder.rewriteLast(metadata: { $0[key] = "{}}" })
        #expect(message { try Checkpoint(path: folder.last) }.hasPrefix(folder.last))
        try folder.rewriteLast(metadata: { $0[key] = nil })
        #expect(
            message { try Checkpoint(path: folder.last) }.contains("lacks its configuration or its state"))
    }

    @Test(arguments: [
        "feature_extractor.conv_layers.0.0.weight",
        "optimizer.exp_avg.wav2vec_predictions.project_to_steps.bias",
    ])
    func aMissingTensorOrAnotherShape(name: String) throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 1)
        let before = try folder.bytes(folder.last)
        try folder.rewriteLast(change: { $0 == name ? nil : ($1, $2) })
        #expect(
            message { try runs.train("run", tiny(), resume: true) }
                == "\(folder.last) has no tensor \(name), which the configuration calls for")
        try before.write(to: URL(fileURLWithPath: folder.last))
        try folder.rewriteLast(change: { $0 == name ? ([1, $2.count], $2) : ($1, $2) })
        let text = message { try runs.train("run", tiny(), resume: true) }
        #expect(text.contains("\(name) has shape [1, "), "\(text)")
    }

    @Test func aCheckpointWithoutAnOptimizerIsUsedButNotResumed() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 1)
        try folder.rewriteLast(change: { $0.hasPrefix("optimizer.") ? nil : ($1, $2) })
        #expect(message { try runs.train("run", tiny(), resume: true) }.contains("optimizer"))
        let waveform = tones(1000, seed: 1).map { Float($0) / 32768 }
        #expect(try Checkpoint(path: folder.last).model().quantize(waveform).frames == 48)
    }

    /// Numbers that would index or overflow, had nobody looked at them.
    @Test func hostileCounts() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 1)
        let before = try folder.bytes(folder.last)
        try folder.rewriteLast(counts: { _, _, _ in ([1, 1], [0]) })
        #expect(message { try runs.train("run", tiny(), resume: true) }.contains("has shape [1, 1]"))
        try before.write(to: URL(fileURLWithPath: folder.last))
        try folder.rewriteLast(counts: { _, shape, values in (shape, values.map { _ in .max }) })
        #expect(message { try runs.train("run", tiny(), resume: true) }.contains("counts that cannot be"))
        for update in ["-1", "9223372036854775807"] {
            try before.write(to: URL(fileURLWithPath: folder.last))
            try folder.rewriteLast(metadata: {
                $0["state"] = $0["state"]?.replacingOccurrences(
                    of: "\"update\":1", with: "\"update\":\(update)")
            })
            #expect(message { try Checkpoint(path: folder.last) }.hasSuffix("it counts \(update) updates"))
        }
        try before.write(to: URL(fileURLWithPath: folder.last))
        try folder.rewriteLast(metadata: {
            $0["state"] = $0["state"]?.replacingOccurrences(of: "\"batch\":1", with: "\"batch\":-7")
        })
        #expect(message { try runs.train("run", tiny(), resume: true) }.contains("cannot go on at batch -7"))
    }
}
