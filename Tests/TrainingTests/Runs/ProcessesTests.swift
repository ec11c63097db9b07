import Checkpoints
import Communication
import Foundation
import Testing
import Training
import VQWav2Vec

/// Several processes train as one does.
@Suite(.serialized) struct ProcessesTests {
    private func configuration(_ kind: QuantizerConfiguration.Kind) -> RunConfiguration {
        var run = tiny(kind, updates: 5)
        run.data.maxUtterances = 1
        run.training.accumulateBatches = 4
        run.training.validateEvery = 2
        run.training.saveEvery = 2
        run.model.quantizer.variables = 12
        run.codebook.initializeFromData = true
        run.codebook.restartAfterUpdates = kind == .kmeans ? 2 : 0
        return run
    }

    /// The log without what a clock or the system tells.
    private func figures(_ folder: RunFolder) throws -> [String] {
        try folder.logLines().filter { $0["type"] as? String != "environment" }.map { line in
            let line = line.filter { key, _ in
                ![
                    "elapsed_seconds", "seconds_left", "audio_seconds_per_second", "memory_bytes",
                    "exchange_seconds", "exchange_waited_seconds",
                ].contains(key)
            }
            let data = try JSONSerialization.data(withJSONObject: line, options: .sortedKeys)
            return String(decoding: data, as: UTF8.self)
        }
    }

    private func expectSameBits(_ run: RunConfiguration, processes: [Int]) throws {
        let runs = try TinyRuns(recordings: 9)
        let one = try runs.train("one", run)
        for count in processes {
            let results = runs.train("\(count)", run, processes: count)
            for result in results { #expect(try result.get() == .finished) }
            let several = runs.folder("\(count)")
            #expect(try several.bytes(several.last) == one.bytes(one.last), "\(count) processes")
            #expect(try several.bytes(several.best) == one.bytes(one.best), "\(count) processes")
            #expect(try figures(several) == figures(one))
        }
    }

    @Test(arguments: [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func theSameBitsForAnyNumber(kind: QuantizerConfiguration.Kind) throws {
        try expectSameBits(configuration(kind), processes: [2, 3, 4])
    }

    @Test func theSameBitsOfWav2Vec2() throws {
        var run = tinyWav2Vec2()
        run.training.accumulateBatches = 4
        try expectSameBits(run, processes: [2, 4])
    }

    @Test func goesOnWithOneProcess() throws {
        let runs = try TinyRuns(recordings: 9)
        let run = configuration(.kmeans)
        let whole = try runs.train("whole", run)
        for result in runs.train("parts", run, processes: 4, upTo: 3) {
            #expect(try result.get() == .limitReached)
        }
        let parts = try runs.train("parts", run, upTo: 4, resume: true)
        for result in runs.train("parts", run, processes: 2, resume: true) { _ = try result.get() }
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        #expect(try parts.bytes(parts.best) == whole.bytes(whole.best))
    }

    /// In each process's copy of the data the samples of all other processes' batches cannot be read.
    @Test func eachReadsItsOwnRecordingsAlone() throws {
        let runs = try TinyRuns(recordings: 14)
        var run = configuration(.kmeans)
        run.training.maxUpdates = 2
        let one = try runs.train("one", run)

        let data = try TrainingData([runs.data], configuration: run)
        let validation = try #require(data.validation).batches(epoch: 0)
        var names: [Set<String>] = [[], []]
        for (index, batch) in data.training.batches(epoch: 0).prefix(8).enumerated() {
            names[index % 4 / 2].formUnion(batch.utterances.map(\.source.path.description))
        }
        for (index, batch) in validation.enumerated() {
            names[index % 2].formUnion(batch.utterances.map(\.source.path.description))
        }
        #expect(names[0].count >= 5 && names[1].count >= 5 && names[0].isDisjoint(with: names[1]))
        for rank in 0...1 {
            for index in 0..<14 {
                let file = "\(rank)/\(index).wav"
                if names[rank].contains("\(runs.data)/\(index).wav") {
                    try runs.write(tones(1600 + 100 * index, seed: UInt64(index)), to: file)
                } else {
                    try runs.writeDamaged(samples: 1600 + 100 * index, to: file)
                }
            }
        }
        let results = runs.train("2", run, processes: 2, data: [0: runs.path + "/0", 1: runs.path + "/1"])
        for result in results { #expect(try result.get() == .finished) }
        let two = runs.folder("2")
        #expect(try two.bytes(two.last) == one.bytes(one.last))
        #expect(try two.bytes(two.best) == one.bytes(one.best))
    }

    /// Batches of which nothing can be used make those behind move up.
    @Test func passesOverTheSameBatches() throws {
        let runs = try TinyRuns(recordings: 9)
        var run = configuration(.gumbel)
        run.data.validationFraction = 0
        run.training.validateEvery = 0
        try runs.writeDamaged(samples: 2000, to: "data/4.wav")
        let one = try runs.train("one", run, skippingUnusable: true)
        for result in runs.train("3", run, processes: 3, skippingUnusable: true) { _ = try result.get() }
        let several = runs.folder("3")
        #expect(try several.bytes(several.last) == one.bytes(one.last))
        #expect(try several.logLines("warning").count == 1)
    }
}
