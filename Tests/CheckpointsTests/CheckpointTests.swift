import Checkpoints
import Files
import Foundation
import TensorFiles
import TestSupport
import Testing
import VQWav2Vec

/// What a checkpoint says of itself, whoever wrote it last. No trainer is imported here, and none is needed.
@Suite struct CheckpointTests {
    let folder: TemporaryFolder
    let run: RunConfiguration

    init() throws {
        folder = try TemporaryFolder()
        run = try RunConfiguration.resolve(settings: [
            "encoder.layers=[[8,10,5],[8,8,4]]", "aggregator.layers=[[8,3,1]]", "quantizer.variables=8",
            "prediction.steps=2", "prediction.negatives=3", "training.max_updates=77",
        ])
    }

    private func write(_ name: String = "a.safetensors", program: String? = nil) throws -> String {
        let path = folder.file(name)
        var state = RunState()
        state.update = 5
        try Checkpoint.write(
            path, model: Model(run.model), configuration: run, state: state, optimizer: nil)
        if let program { try rewrite(path) { $0["program"] = program } }
        return path
    }

    /// Saves the file again with other metadata.
    private func rewrite(_ path: String, _ change: (inout [String: String]) -> Void) throws {
        let file = try SafetensorsFile(path: path)
        var metadata = file.metadata
        change(&metadata)
        let tensors = try file.names.map {
            SafetensorsTensor(name: $0, shape: try file.entry($0).shape, floats: try file.floats($0))
        }
        try SafetensorsWriter.write(path, tensors: tensors, metadata: metadata, checksums: true)
    }

    private func refusal(_ path: String) -> String { message { _ = try Checkpoint(path: path) } }

    @Test func idsWithoutATrainer() throws {
        let wave = (0..<4000).map { Float($0 % 50) / 100 - 0.25 }
        let tokens = try Checkpoint(path: try write()).inferenceModel().quantize(wave)
        #expect(tokens.groups == 2 && !tokens.ids.isEmpty)
        #expect(tokens.ids.allSatisfy { (0..<8).contains($0) })
    }

    /// Hugging Face's tools write `"format": "pt"` where our mark stands.
    @Test func savedAgainByHuggingFacesTools() throws {
        let path = try write()
        try rewrite(path) { $0["format"] = "pt" }
        let checkpoint = try Checkpoint(path: path)
        #expect(checkpoint.updates == 5 && checkpoint.configuration == run)
        _ = try checkpoint.model()
        try rewrite(path) { $0 = ["format": "pt"] }
        #expect(refusal(path).contains("needs the old file's metadata"))
    }

    @Test func aPointerOfGitLFS() throws {
        for name in ["a.safetensors", "a.pt"] {
            let text = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 136311232\n"
            let path = try folder.write(Array(text.utf8), to: name)
            #expect(refusal(path).hasPrefix("\(path) is a pointer of Git LFS"), "\(refusal(path))")
        }
    }

    @Test func newerPrograms() throws {
        let path = try write()
        try rewrite(path) { ($0["format_version"], $0["program"]) = ("3", "vqw2v 3.1.0") }
        #expect(refusal(path).contains("by a newer program (vqw2v 3.1.0, checkpoint version 3)"))
        for (program, isNewer) in [
            ("vqw2v 0.10.0", true), (Checkpoint.programVersion, false), ("x 9", false),
        ] {
            try rewrite(path) { metadata in
                (metadata["format_version"], metadata["program"]) = ("1", program)
                metadata["configuration"] = #"{"quantizer": {"beams": 3}}"#
            }
            #expect(refusal(path).contains("newer program") == isNewer, "\(refusal(path))")
            #expect(refusal(path).contains("unknown key quantizer.beams") != isNewer)
        }
    }

    @Test func theFolderOfARun() throws {
        #expect(refusal(folder.path) == CheckpointError.noRun(folder: folder.path).description)
        let last = try write("last.safetensors")
        #expect(refusal(folder.path).hasSuffix("for its last state name \(last)"))
        let best = try write("best.safetensors")
        #expect(try Checkpoint(path: folder.path).path == best)
        #expect(try Checkpoint(path: folder.path + "/").path == best)
    }

    @Test func weightsAloneCannotBeResumed() throws {
        let checkpoint = try Checkpoint(path: try write())
        #expect(checkpoint.hasRun)
        #expect(message { try checkpoint.requireRun() }.contains("without the optimizer's state"))
    }

    /// Through fairseq's file and back: nothing is lost, nothing is made up.
    @Test func provenanceSurvivesConversion() throws {
        let original = try Checkpoint(path: try write())
        let hash = try original.hash().value()
        try original.fairseqExport(original.provenance()).export.write(folder.file("b.pt"), style: .cfg)
        let exported = try Checkpoint(path: folder.file("b.pt"))
        #expect(exported.program == Checkpoint.programVersion && exported.updates == 5 && !exported.hasRun)
        #expect(exported.origin?.checkpointSHA256 == hash && exported.configuration == run)
        let second = try exported.hash().value()
        try exported.writeWeights(to: folder.file("c.safetensors"), hash: second)
        let back = try Checkpoint(path: folder.file("c.safetensors"))
        #expect(back.origin?.sha256 == second && back.origin?.checkpointSHA256 == hash)
        #expect(back.origin?.format == exported.format && back.updates == 5)
        #expect(back.configuration == run)
        #expect(try back.configurationJSON() == original.configurationJSON())
        #expect(message { try back.requireRun() }.contains("made from another format"))
        // Once more: the origin stays the same.
        try back.writeWeights(to: folder.file("d.safetensors"), hash: try back.hash().value())
        #expect(try Checkpoint(path: folder.file("d.safetensors")).origin == back.origin)
    }

    /// Of fairseq's own files only the model and the rate are known.
    @Test func whatFairseqDoesNotSayIsUnknown() throws {
        let original = try Checkpoint(path: try write())
        var (export, _) = try original.fairseqExport(original.provenance())
        export.provenance = [:]
        try export.write(folder.file("b.pt"), style: .args)
        let file = try Checkpoint(path: folder.file("b.pt"))
        #expect(file.program == "fairseq" && file.origin?.checkpointSHA256 == nil)
        let yaml = try file.configurationYAML()
        #expect(yaml.contains("quantizer:") && yaml.contains("sample_rate: 16000"))
        for key in ["optimizer", "learning_rate", "training", "max_sample_size", "kmeans_weight"] {
            #expect(!yaml.contains(key), "\(key)")
        }
        try file.writeWeights(to: folder.file("c.safetensors"), hash: "1")
        let converted = try Checkpoint(path: folder.file("c.safetensors"))
        #expect(try converted.configurationYAML() == yaml)
        #expect(converted.configuration == file.configuration)
    }

    @Test func aRunsOwnDescriptionIsWhole() throws {
        let checkpoint = try Checkpoint(path: try write())
        #expect(try checkpoint.configurationYAML() == run.yaml())
        #expect(try checkpoint.configurationJSON() == run.json())
    }
}
