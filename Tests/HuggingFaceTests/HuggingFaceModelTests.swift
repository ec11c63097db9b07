import Checkpoints
import Files
import Foundation
import HuggingFace
import Layers
import TensorFiles
import TestSupport
import Testing

/// The forms in which a model of Hugging Face comes: all give what the folder gives that transformers wrote.
@Suite struct HuggingFaceModelTests {
    var folder: ModelFolder

    init() throws { folder = try ModelFolder() }

    private static let waveform = (0..<4000).map { 0.3 * sin(Float($0 * $0 % 7919) / 40) }

    private func ids(_ path: String) throws -> [Int32] {
        try Checkpoint(path: path).unitModel().quantize(Self.waveform).ids
    }

    private func context(_ path: String) throws -> [Float] {
        let model = try Checkpoint(path: path).featureModel(.c)
        return try Self.waveform.withUnsafeBufferPointer { samples in
            let output = try model(FrameStore(borrowing: samples))
            return output.values
        }
    }

    private func expectSame(_ format: String, location: SourceLocation = #_sourceLocation) throws {
        let checkpoint = try Checkpoint(path: folder.path)
        #expect(
            checkpoint.format == "Wav2Vec2ForPreTraining of Hugging Face, \(format)", sourceLocation: location
        )
        #expect(checkpoint.program == "transformers 5.24.0", sourceLocation: location)
        #expect(try ids(folder.path) == ids(ModelFolder.original), sourceLocation: location)
        #expect(try context(folder.path) == context(ModelFolder.original), sourceLocation: location)
    }

    @Test func theWholeInOneFile() throws {
        try folder.writeDescription()
        try folder.writeTorch()
        try expectSame("pytorch_model.bin")
        // It would be the wrong one.
        try folder.writeSafetensors()
        try expectSame("safetensors")
    }

    @Test func inParts() throws {
        try folder.writeDescription()
        try folder.writeParts(of: "pytorch_model.bin") { try folder.writeTorch($0, $1) }
        try expectSame("pytorch_model.bin in 2 parts")
        try folder.writeParts(of: "model.safetensors") { try folder.writeSafetensors($0, $1) }
        try expectSame("safetensors in 2 parts")
        let hash = try Checkpoint(path: folder.path).hash().value()
        #expect(try hash != Checkpoint(path: ModelFolder.original).hash().value())
    }

    /// What no output may replace: the parts too, whatever they are called, and nothing else of the folder.
    @Test func files() throws {
        try folder.writeDescription()
        try folder.writeParts(of: "model.safetensors") { try folder.writeSafetensors($0, $1) }
        for name in ["model.txt", "pytorch_model.log"] { try folder.write("Nothing.", to: name) }
        let names = Checkpoint.files(of: folder.path).dropFirst().map { URL(filePath: $0).lastPathComponent }
        #expect(
            names.sorted() == [
                "config.json", "model.safetensors.index.json", "part-1-of-2-model.safetensors",
                "part-2-of-2-model.safetensors", "preprocessor_config.json",
            ])
    }

    /// Weight norm as transformers wrote it before 2023.
    @Test mutating func oldNames() throws {
        let positions = "wav2vec2.encoder.pos_conv_embed.conv."
        for index in folder.tensors.indices {
            for (new, old) in [("original0", "weight_g"), ("original1", "weight_v")]
            where folder.tensors[index].name == positions + "parametrizations.weight." + new {
                folder.tensors[index].name = positions + old
            }
        }
        #expect(folder.tensors.count { $0.name.hasPrefix(positions + "weight_") } == 2)
        try folder.writeDescription()
        try folder.writeSafetensors()
        try expectSame("safetensors")
    }

    /// A head in place of what pre-training needs; and the model alone, whose names have no prefix.
    @Test(arguments: [true, false])
    mutating func fineTuned(hasHead: Bool) throws {
        folder.tensors.removeAll { !$0.name.hasPrefix("wav2vec2.") }
        if hasHead {
            folder.tensors.append(
                .init(name: "lm_head.weight", shape: [2, 24], values: .init(repeating: 1, count: 48)))
        } else {
            for index in folder.tensors.indices { folder.tensors[index].name.trimPrefix("wav2vec2.") }
        }
        folder.fields["architectures"] = .array([.string(hasHead ? "Wav2Vec2ForCTC" : "Wav2Vec2Model")])
        try folder.writeDescription()
        try folder.writeSafetensors()
        #expect(try context(folder.path) == context(ModelFolder.original))
        #expect(message { _ = try ids(folder.path) }.contains("no quantizer, which fine-tuning takes away"))
    }

    @Test mutating func normalisation() throws {
        func normalizes() throws -> Bool? {
            try folder.writeDescription()
            return try Checkpoint(path: folder.path).configuration.wav2vec2?.extractor.normalizesWaveforms
        }
        try folder.writeSafetensors()
        #expect(try normalizes() == false)
        folder.input = ["do_normalize": .boolean(true), "sampling_rate": .integer(8000)]
        #expect(try normalizes() == true)
        let read = try Checkpoint(path: folder.path).configuration
        #expect(read.data.sampleRate == 8000)
        #expect(read.wav2vec2?.extractor.normalizationEpsilon == 1e-7, "not the 1e-5 of fairseq's layer norm")
        folder.input = [:]
        #expect(try normalizes() == true)
        // Without the file the norm of the extractor tells.
        try FileManager.default.removeItem(atPath: folder.path + "/preprocessor_config.json")
        folder.input = nil
        #expect(try normalizes() == false)
        folder.fields["feat_extract_norm"] = .string("layer")
        #expect(try normalizes() == true)
        try folder.write("{\"feature_extractor\": {\"do_normalize\": false}}", to: "processor_config.json")
        #expect(try normalizes() == false)
    }

    /// Written again: the same tensors, the weight norm by the names that every version of transformers reads.
    @Test func writing() throws {
        let original = try Checkpoint(path: ModelFolder.original)
        let export = try original.huggingFaceExport()
        #expect(export.notes.isEmpty)
        let copy = folder.path + "/copy"
        try original.write(export, to: copy, provenance: original.provenance())
        // Its own can be replaced, another program's not.
        try original.write(export, to: copy, provenance: original.provenance())
        let foreign = try TemporaryFolder()
        try foreign.write("{\"model_type\": \"bert\"}", to: "config.json")
        #expect(throws: OutputError.self) {
            try original.write(export, to: foreign.path, provenance: original.provenance())
        }
        #expect(try foreign.names == ["config.json"])
        let (before, after) = (
            try SafetensorsFile(path: ModelFolder.original + "/model.safetensors"),
            try SafetensorsFile(path: copy + "/model.safetensors")
        )
        for name in before.names {
            let written = name.replacingOccurrences(of: "parametrizations.weight.original0", with: "weight_g")
                .replacingOccurrences(of: "parametrizations.weight.original1", with: "weight_v")
            #expect(try after.entry(written).shape == before.entry(name).shape)
            #expect(try after.floats(written) == before.floats(name), "\(name)")
        }
        #expect(after.names.count == before.names.count)
        let read = try Checkpoint(path: copy)
        #expect(
            read.statedConfiguration == original.statedConfiguration
                && read.program == Checkpoint.programVersion)
        #expect(read.statedConfiguration["quantizer.temperature"] == nil)
        #expect(read.origin?.program == "transformers 5.24.0")
        #expect(try read.origin?.sha256 == original.hash().value())
    }

    /// Models that transformers have not, and what they lack.
    @Test(arguments: [
        (["quantizer.depth=2"], "a deep quantizer"), (["quantizer.inputs=true"], "quantized inputs"),
        (["prediction.gates_targets=true"], "gated targets"),
        (["extractor.layers=[[192,10,5]]"], "as wide as the transformer"),
    ])
    func notExpressible(settings: [String], problem: String) throws {
        let run = try RunConfiguration.resolve(preset: .wav2vec2Small, settings: settings)
        let model = try #require(run.wav2vec2)
        let text = message { _ = try HuggingFaceExport(model, isFineTuned: false) }
        #expect(text.contains(problem) && text.contains("write safetensors or fairseq's pt"), "\(text)")
    }

    @Test func whatTrainingWouldLack() throws {
        var model = try #require(Preset.wav2vec2Base.configuration.wav2vec2)
        #expect(
            try HuggingFaceExport(model, isFineTuned: false).notes.map { $0.contains("feature penalty") }
                == [true, false])
        (model.loss.penaltyWeight, model.extractor.gradientScale) = (0, 1)
        #expect(try HuggingFaceExport(model, isFineTuned: false).notes.isEmpty)
        (model.prediction.codebookNegatives, model.quantizer.temperature.end) = (3, 0.125)
        let notes = try HuggingFaceExport(model, isFineTuned: false).notes
        #expect(notes.count == 2 && notes[0].contains("negatives from elsewhere"), "\(notes)")
    }
}
