import Checkpoints
import Foundation
import Tensors
import TestSupport
import Testing
import Training
import VQWav2Vec
import Wav2Vec2

/// Runs whose products are bf16, emulated where the processor lacks them.
@Suite(.serialized) struct PrecisionTests {
    init() { BFloat16.instructions = BFloat16.instructions ?? .emulated }

    /// Wide enough that products round.
    private func configuration(_ kind: QuantizerConfiguration.Kind) -> RunConfiguration {
        var run = tiny(kind, updates: 6)
        run.model.encoder.layers = [.init(32, 10, 5), .init(32, 8, 4)]
        run.model.aggregator.layers = [.init(32, 3, 1), .init(32, 5, 1)]
        run.model.aggregator.dropout = 0.1
        run.training.precision = .bf16
        run.training.accumulateBatches = 4
        run.data.maxUtterances = 1
        run.training.validateEvery = 3
        run.training.saveEvery = 2
        run.codebook.initializeFromData = true
        return run
    }

    private var wav2vec2: RunConfiguration {
        var run = tinyWav2Vec2()
        run.wav2vec2?.extractor.layers = [.init(32, 10, 5), .init(32, 8, 4)]
        run.wav2vec2?.transformer.width = 64
        run.wav2vec2?.transformer.innerWidth = 64
        run.training.precision = .bf16
        run.training.accumulateBatches = 4
        return run
    }

    /// Of a stop and a resume, and of several processes; others than those of float32.
    private func expectSameBits(_ run: RunConfiguration) throws {
        let runs = try TinyRuns(recordings: 9)
        let threads = Parallel.threads
        defer { Parallel.threads = threads }
        Parallel.threads = 1
        let whole = try runs.train("whole", run)
        let parts = try runs.train("parts", run, upTo: 3)
        Parallel.threads = 3
        try runs.train("parts", run, resume: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        #expect(try parts.bytes(parts.best) == whole.bytes(whole.best))
        for result in runs.train("two", run, processes: 2) { #expect(try result.get() == .finished) }
        let two = runs.folder("two")
        #expect(try two.bytes(two.last) == whole.bytes(whole.last))
        #expect(try Checkpoint(path: whole.last).configuration.training.precision == .bf16)

        var exact = run
        exact.training.precision = .float32
        let other = try runs.train("float32", exact)
        let losses = try [whole, other].map { folder in
            try folder.logLines("validation").map { try #require($0["loss_bits"] as? Double) }
        }
        #expect(losses[0].count == losses[1].count && losses[0] != losses[1])
        for (rounded, exact) in zip(losses[0], losses[1]) { #expect(abs(rounded / exact - 1) < 0.05) }
    }

    @Test(arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func theSameBits(kind: QuantizerConfiguration.Kind) throws { try expectSameBits(configuration(kind)) }

    @Test func theSameBitsOfWav2Vec2() throws { try expectSameBits(wav2vec2) }

    /// The run is what it began as.
    @Test func aRunKeepsItsPrecision() {
        let run = configuration(.gumbel)
        #expect(throws: (any Error).self) { try run.resumed(settings: ["training.precision=float32"]) }
    }
}
