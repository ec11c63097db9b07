import Checkpoints
import Fairseq
import Files
import Foundation
import Speech
import TensorFiles
import TestSupport
import Testing
import Training
import VQWav2Vec

/// Runs and a checkpoint of fairseq.
@Suite struct FairseqRunTests {
    /// One of the golden cases.
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("GoldenTests/Cases/p01_gumbel_paper/checkpoint_args.pt").path

    private func run(_ model: ModelConfiguration) -> RunConfiguration {
        var run = tiny()
        run.model = model
        run.data.maxSampleSize = 2000
        run.data.maxSamples = 4000
        return run
    }

    @Test func initFrom() throws {
        let runs = try TinyRuns()
        let weights = try Checkpoint(path: Self.path)
        let folder = try runs.train("new", run(weights.configuration.model), upTo: 0, weights: weights)
        let file = try SafetensorsFile(path: folder.last)
        let source = try FairseqCheckpoint(path: Self.path)
        for name in source.names {
            var values = [Float](repeating: .nan, count: try source.shape(of: name).reduce(1, *))
            try values.withUnsafeMutableBufferPointer { try source.read(name, into: $0) }
            #expect(try file.floats(name) == values, "\(name)")
        }
        #expect(try Checkpoint(path: folder.last).state.initializedFrom == Self.path)
    }

    /// The weights and the hash are those of the file that was opened.
    @Test func aCheckpointThatIsReplaced() throws {
        let runs = try TinyRuns()
        let last = try runs.train("run", tiny(), upTo: 2).last
        let copy = runs.path + "/copy.pt"
        try FileManager.default.copyItem(atPath: Self.path, toPath: copy)
        for path in [last, copy] {
            let before = try FileHash(path: path).value()
            let checkpoint = try Checkpoint(path: path)
            try AtomicFile.write(Data("another".utf8), to: path)
            #expect(try checkpoint.hash().value() == before)
            _ = try checkpoint.model()
        }
    }

    @Test func initFromAnotherShape() throws {
        let runs = try TinyRuns()
        let weights = try Checkpoint(path: Self.path)
        var model = weights.configuration.model
        model.quantizer.variables = 20
        let text = message { try runs.train("new", run(model), weights: weights) }
        #expect(
            text.contains(
                "vector_quantizer.vars has shape [1, 12, 8], the configuration calls for [1, 20, 8]"))
    }

    @Test func resumeIsRefused() throws {
        let runs = try TinyRuns()
        let folder = runs.folder("run")
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.path, toPath: folder.last)
        let model = try Checkpoint(path: Self.path).configuration.model
        let text = message { try runs.train("run", run(model), resume: true) }
        #expect(
            text
                == "\(folder.last): a fairseq checkpoint has no state of vqw2v's to resume from; use --init-from"
        )
    }
}
