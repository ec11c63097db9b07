import Checkpoints
import Foundation
import Layers
import TensorFiles
import TestSupport
import Testing

/// HuBERT and fine-tuned models that fairseq and transformers saved (Cases/README.md): every output is theirs.
@Suite struct ForeignCheckpointTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let family: String
        let normalizes: Bool
        let format: String
        var testDescription: String { name }
        var path: String { "\(ForeignCheckpointTests.folder)/\(name)" }
    }

    private static let cases = [
        Case(name: "hubert_base.pt", family: "hubert", normalizes: false, format: "fairseq .pt"),
        Case(name: "hubert_large_half.pt", family: "hubert", normalizes: true, format: "fairseq .pt"),
        Case(name: "hubert_ctc.pt", family: "hubert", normalizes: false, format: "fairseq .pt"),
        Case(name: "wav2vec2_ctc.pt", family: "wav2vec2", normalizes: true, format: "fairseq .pt"),
        Case(
            name: "HubertModel", family: "hubert", normalizes: false,
            format: "HubertModel of Hugging Face, safetensors"),
        Case(
            name: "HubertForCTC", family: "hubert", normalizes: true,
            format: "HubertForCTC of Hugging Face, pytorch_model.bin in 2 parts"),
        Case(
            name: "Wav2Vec2ForCTC", family: "wav2vec2", normalizes: true,
            format: "Wav2Vec2ForCTC of Hugging Face, safetensors in "),
    ]

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Cases").path

    private func output(_ path: String, _ layer: FeatureLayer, _ waveform: [Float]) throws -> [Float] {
        let model = try Checkpoint(path: path).featureModel(layer)
        return try waveform.withUnsafeBufferPointer { try model(FrameStore(borrowing: $0)).values }
    }

    @Test(arguments: cases)
    func outputs(_ stored: Case) throws {
        let file = try SafetensorsFile(path: Self.folder + "/expected.safetensors")
        let waveform = try file.floats("waveform")
        let names = file.names.filter { $0.hasPrefix(stored.name + "/") }
        #expect(names.count >= 3)
        for name in names {
            let layer = try #require(FeatureLayer(rawValue: String(name.dropFirst(stored.name.count + 1))))
            let (expected, found) = (try file.floats(name), try output(stored.path, layer, waveform))
            let largest = expected.reduce(0) { max($0, abs($1)) }
            let worst = zip(expected, found).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(found.count == expected.count && worst <= 2e-5 * largest, "\(name): off by \(worst)")
        }
    }

    @Test(arguments: cases)
    func descriptions(_ stored: Case) throws {
        let checkpoint = try Checkpoint(path: stored.path)
        #expect(checkpoint.format.hasPrefix(stored.format), "\(checkpoint.format)")
        let stated = checkpoint.statedConfiguration
        #expect(stated["family"] == .string(stored.family))
        #expect(stated["extractor.normalizes_waveforms"] == .boolean(stored.normalizes))
        // What nobody said.
        #expect(stated["training"] == nil && stated["data.max_sample_size"] == nil && !checkpoint.hasRun)
        if stored.family == "hubert" { #expect(stated["quantizer"] == nil && stated["loss"] == nil) }
        #expect(checkpoint.updates == (stored.format.hasPrefix("fairseq") ? 7 : nil))
    }

    /// One line with the way out.
    @Test(arguments: cases)
    func idsAreRefused(_ stored: Case) throws {
        for problem in [
            message { _ = try Checkpoint(path: stored.path).unitModel() },
            message { _ = try Checkpoint(path: stored.path).featureModel(.logits) },
        ] {
            let line = problem.replacingOccurrences(of: Self.folder, with: "")
            #expect(line.count <= 300 && !line.contains("\n"), "\(line)")
        }
        let problem = message { _ = try Checkpoint(path: stored.path).unitModel() }
        #expect(problem.hasPrefix(stored.path))
        #expect(
            problem.contains(
                stored.family == "hubert"
                    ? "clusters of a layer" : "no quantizer, which fine-tuning takes away"),
            "\(problem)")
        #expect(problem.contains("vqw2v cluster") && problem.contains("extract"), "\(problem)")
    }

    /// Through our own file and a folder for transformers: the same outputs, and where they come from.
    @Test(arguments: cases)
    func conversions(_ stored: Case) throws {
        let place = try TemporaryFolder()
        let waveform = try SafetensorsFile(path: Self.folder + "/expected.safetensors").floats("waveform")
        let original = try Checkpoint(path: stored.path)
        let expected = try output(stored.path, .c, waveform)
        let provenance = try original.provenance()
        try original.writeWeights(to: place.file("m.safetensors"), hash: provenance.checkpoint.value())
        let export = try original.huggingFaceExport()
        let isQuietOther = stored.normalizes && stored.format.hasPrefix("fairseq")
        #expect(export.notes.map { $0.contains("near silence") } == (isQuietOther ? [true] : []))
        try original.write(export, to: place.file("hf"), provenance: provenance)
        for name in ["m.safetensors", "hf"] {
            #expect(try output(place.file(name), .c, waveform) == expected)
            let copy = try Checkpoint(path: place.file(name))
            #expect(copy.updates == original.updates)
            #expect(copy.origin?.program == original.program && copy.origin?.format == original.format)
            #expect(try copy.origin?.sha256 == provenance.checkpoint.value())
            #expect(copy.statedConfiguration == original.statedConfiguration)
            #expect(message { _ = try copy.unitModel() }.contains("no quantizer"))
        }
        // Neither has what fairseq loads a model with.
        #expect(message { _ = try original.fairseqExport(provenance) }.contains("write safetensors, or hf"))
    }
}
