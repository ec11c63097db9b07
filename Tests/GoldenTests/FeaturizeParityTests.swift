import Files
import Foundation
import GoldenSupport
import Layers
import Speech
import SystemPackage
import TensorFiles
import TestSupport
import Testing
import TokenFiles
import VQWav2Vec

/// Recordings on disk to the lines that fairseq's `vq-wav2vec_featurize.py` writes for them.
@Suite struct FeaturizeParityTests {
    static let cases = GoldenCase.all.filter(hasRecordings)

    static func hasRecordings(_ golden: GoldenCase) -> Bool {
        FileManager.default.fileExists(atPath: golden.folder.appendingPathComponent("featurize").path)
    }

    @Test func someCaseHasRecordings() {
        #expect(!Self.cases.isEmpty)
    }

    @Test(arguments: cases)
    func lines(_ golden: GoldenCase) throws {
        print("parity, token lines: \(golden.name)")
        try checkLines(golden, model: golden.model())
    }

    /// With the model out of fairseq's own files; rounded to float16 it may choose other codewords.
    @Test(arguments: GoldenCheckpoint.all.filter { hasRecordings($0.golden) && !$0.isHalf })
    func linesOfCheckpoints(_ checkpoint: GoldenCheckpoint) throws {
        print("parity, token lines: \(checkpoint.testDescription)")
        try checkLines(checkpoint.golden, model: checkpoint.model())
    }

    /// fairseq's `--max-size`, as `--max-samples` does it.
    @Test(arguments: cases)
    func linesOfPieces(_ golden: GoldenCase) throws {
        let info = golden.folder.appendingPathComponent("featurize/info.json")
        let fields = try JSONDecoder().decode([String: JSONValue].self, from: Data(contentsOf: info))
        guard case .integer(let longest)? = fields["max_size"] else { throw GoldenError("no max_size") }
        try checkLines(golden, model: golden.model(), longest: longest, expected: "train_chunked.src")
    }

    private func checkLines(
        _ golden: GoldenCase, model: Model, longest: Int = .max, expected file: String = "train.src"
    ) throws {
        let folder = golden.folder.appendingPathComponent("featurize").path
        let temporary = try TemporaryFolder()
        let entries = try Manifest.read(FilePath(folder + "/train.tsv")).entries
        let quantizer = model.configuration.quantizer
        var options = TokenOutputOptions()
        (options.format, options.output) = (.fairseq, temporary.file("train.src"))
        let writer = try TokenOutput(
            options, encoding: options.encoding(groups: quantizer.groups, codewords: quantizer.variables),
            recordings: entries.map { RecordingName(path: ByteString($0.path)) }, inputs: [],
            description: OutputDescription(
                Provenance(
                    program: "", checkpoint: FileHash(path: folder + "/train.tsv"), configuration: "{}"),
                facts: ["sample_rate": 16_000]))
        for entry in entries {
            let waveform = try AudioFile.read(entry.path, sampleRate: 16_000)
            #expect(waveform.samples.count == entry.samples)
            let tokens = try TokenSequence(of: waveform.samples.count, longest: longest) {
                try model.quantize(Array(waveform.samples[$0]))
            }
            try writer.write(
                TokenizedUtterance(
                    path: ByteString(entry.path), samples: entry.samples, sampleRate: 16_000,
                    groups: tokens.groups,
                    ids: tokens.ids))
        }
        try writer.finish()
        let expected = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
        #expect(try temporary.text("train.src") == expected)
    }
}
