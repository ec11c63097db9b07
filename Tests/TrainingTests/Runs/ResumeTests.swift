import Checkpoints
import Foundation
import Layers
import TensorFiles
import Tensors
import TestSupport
import Testing
import Training
import VQWav2Vec

/// N updates, a stop, and N more give the bits of 2N.
@Suite(.serialized) struct ResumeTests {
    /// Everything random, and everything that keeps a state.
    private func configuration(_ kind: QuantizerConfiguration.Kind) -> RunConfiguration {
        var run = tiny(kind, updates: 8)
        run.model.aggregator.dropout = 0.1
        run.model.prediction.dropout = 0.1
        run.model.prediction.dropoutFeatures = 0.1
        run.model.prediction.dropoutContext = 0.1
        run.model.prediction.crossSampleNegatives = 2
        run.model.quantizer.variables = 16
        run.model.quantizer.temperature.decay = 0.9
        run.loss.diversityWeight = 0.01
        run.optimizer.weightDecay = 0.01
        run.optimizer.clipNorm = 0.5
        run.schedule.learningRate = 0.01
        run.training.accumulateBatches = 2
        run.training.validateEvery = 3
        run.training.saveEvery = 2
        run.codebook.initializeFromData = true
        run.codebook.restartAfterUpdates = 3
        return run
    }

    @Test(arguments: QuantizerConfiguration.Kind.allCases, [1, 5, 7])
    func isBitExact(kind: QuantizerConfiguration.Kind, stopAfter: Int) throws {
        let runs = try TinyRuns()
        let run = configuration(kind)
        let threads = Parallel.threads
        defer { Parallel.threads = threads }
        Parallel.threads = 1
        let whole = try runs.train("whole", run)
        let parts = try runs.train("parts", run, upTo: stopAfter)
        #expect(try Checkpoint(path: parts.last).state.update == stopAfter)
        Parallel.threads = 3
        try runs.train("parts", run, resume: true)

        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        #expect(try parts.bytes(parts.best) == whole.bytes(whole.best))
        #expect(try parts.updates("validation") == whole.updates("validation"))
    }

    @Test func everyUpdateChangesTheWeights() throws {
        // Otherwise equal bits would say nothing.
        let runs = try TinyRuns()
        for kind in QuantizerConfiguration.Kind.allCases {
            let run = configuration(kind)
            let seven = try runs.train("seven-\(kind)", run, upTo: 7)
            let eight = try runs.train("eight-\(kind)", run)
            #expect(try seven.bytes(seven.last) != eight.bytes(eight.last))
        }
    }

    @Test func aStopBeforeTheFirstUpdateIsExactToo() throws {
        let runs = try TinyRuns()
        let run = configuration(.kmeans)
        let whole = try runs.train("whole", run)
        try runs.train("parts", run, upTo: 0)
        let parts = try runs.train("parts", run, resume: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
    }

    @Test func aSignalEndsTheRunAfterItsUpdate() throws {
        let runs = try TinyRuns()
        let run = configuration(.gumbel)
        let (stop, screen) = (StopSignal(), RunScreen())
        screen.seen = { if $0.hasPrefix("update 5/") { stop.request() } }
        let parts = try runs.train("parts", run, screen: screen, stop: stop)
        #expect(try Checkpoint(path: parts.last).state.update == 5)
        #expect(screen.text.hasSuffix("saved \(parts.last) after update 5\n"))

        let whole = try runs.train("whole", run)
        try runs.train("parts", run, resume: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
    }

    /// The update is saved before its validation, and a stop does not wait for that: it is made after the resume.
    @Test(arguments: [3, 8]) func aStopBeforeAValidation(update: Int) throws {
        let runs = try TinyRuns()
        let run = configuration(.gumbel)
        let (stop, screen) = (StopSignal(), RunScreen())
        screen.seen = { if $0.hasPrefix("update \(update)/") { stop.request() } }
        let parts = try runs.train("parts", run, screen: screen, stop: stop)
        #expect(try Checkpoint(path: parts.last).state.validationDue == true)
        #expect(!(try parts.updates("validation").contains(update)))

        let whole = try runs.train("whole", run)
        try runs.train("parts", run, resume: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        #expect(try parts.bytes(parts.best) == whole.bytes(whole.best))
        #expect(try parts.updates("validation") == whole.updates("validation"))
    }

    /// A run that ends between its best checkpoint and its log, or its next save, validates again.
    @Test func aCrashAfterAValidation() throws {
        let runs = try TinyRuns()
        let run = configuration(.gumbel)
        let whole = try runs.train("whole", run)
        let (screen, folder) = (RunScreen(), runs.folder("parts"))
        var before: Data?
        screen.seen = { if $0.hasPrefix("validation 3/") { before = try? folder.bytes(folder.last) } }
        let parts = try runs.train("parts", run, upTo: 3, screen: screen)
        try #require(before).write(to: URL(fileURLWithPath: parts.last))
        #expect(try Checkpoint(path: parts.last).state.validationDue == true)
        try runs.train("parts", run, resume: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        #expect(try parts.bytes(parts.best) == whole.bytes(whole.best))
        #expect(try parts.updates("validation") == [3, 6, 8])
    }

    @Test func aCrashLosesNothingButTime() throws {
        let runs = try TinyRuns()
        let run = configuration(.gumbel)
        let whole = try runs.train("whole", run)
        let parts = try runs.train("parts", run, upTo: 4)
        let saved = try parts.bytes(parts.last)
        try runs.train("parts", run, upTo: 7, resume: true)
        try saved.write(to: URL(fileURLWithPath: parts.last))
        try Data(try parts.bytes(parts.log) + Data("{\"type\":\"train\",\"upd".utf8)).write(
            to: URL(fileURLWithPath: parts.log))
        try runs.train("parts", run, resume: true)

        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        #expect(try parts.updates("train") == Array(1...8))
        #expect(try parts.updates("validation") == [3, 6, 8])
    }

    @Test func aFinishedRunStaysAsItIs() throws {
        let runs = try TinyRuns()
        let run = configuration(.gumbel)
        let folder = try runs.train("run", run)
        let (last, log) = (try folder.bytes(folder.last), try folder.bytes(folder.log))
        let screen = RunScreen()
        try runs.train("run", run, resume: true, screen: screen)
        #expect(
            screen.text == "\(folder.last) has done all 8 updates already: nothing to do; "
                + "training.max_updates = 8 is the end of this run\n")
        #expect(try folder.bytes(folder.last) == last)
        #expect(try folder.bytes(folder.log) == log)
    }

    /// Neither end may lie behind what is done: the checkpoint would claim a schedule that it did not have.
    @Test func anEndThatHasBeenPassed() throws {
        let runs = try TinyRuns()
        var run = configuration(.gumbel)
        let folder = try runs.train("run", run, upTo: 5)
        let before = try folder.bytes(folder.last)
        #expect(
            message { try runs.train("run", run, upTo: 4, resume: true) }
                == "--stop-after 4 is not above the 5 updates that this run has done: give more, or use its "
                + "checkpoint as it is")
        for updates in [4, 5] {
            run.training.maxUpdates = updates
            let text = message { try runs.train("run", run, resume: true) }
            #expect(
                text.hasPrefix(
                    "training.max_updates = \(updates) is not above the 5 updates that this run has done"))
        }
        #expect(try folder.bytes(folder.last) == before)
        run.training.maxUpdates = 6
        try runs.train("run", run, resume: true)
        #expect(try folder.updates("validation") == [3, 6])
    }
}

@Suite struct InitFromTests {
    @Test func takesWeightsAndNothingElse() throws {
        let runs = try TinyRuns()
        let old = try runs.train("old", tiny())
        let weights = try Checkpoint(path: old.last)
        let new = try runs.train("new", tiny(), upTo: 0, weights: weights)

        let state = try Checkpoint(path: new.last).state
        #expect(state.update == 0)
        #expect(state.position == RunState.Position())
        #expect(state.bestLoss == nil)
        #expect(state.initializedFrom == old.last)
        let (before, after) = (try SafetensorsFile(path: old.last), try SafetensorsFile(path: new.last))
        let moments = after.names.filter { $0.hasPrefix("optimizer.") }
        #expect(!moments.isEmpty)
        for name in moments {
            #expect(try after.floats(name).allSatisfy { $0 == 0 })
            #expect(try before.floats(name) != after.floats(name))
        }
        for parameter in try weights.model().parameters {
            #expect(try before.floats(parameter.name) == after.floats(parameter.name))
        }
    }

    @Test func learnsOnFromThere() throws {
        let runs = try TinyRuns()
        let weights = try Checkpoint(path: try runs.train("old", tiny()).last)
        let new = try runs.train("new", tiny(), weights: weights)
        #expect(try Checkpoint(path: new.last).state.update == 6)
        #expect(try new.updates("train") == Array(1...6))
        // Weights of a run are not started from data again.
        let codebook = "vector_quantizer.vars"
        let zero = try runs.train("zero", tiny(), upTo: 1, weights: weights)
        let (a, b) = (try SafetensorsFile(path: weights.path), try SafetensorsFile(path: zero.last))
        for (old, new) in zip(try a.floats(codebook), try b.floats(codebook)) {
            #expect(abs(old - new) < 0.01)
        }
    }

    /// A quantizer is added to a model that was trained without: its frames are hardly others, and codewords in use.
    @Test(
        arguments: [QuantizerConfiguration.Kind.kmeans, .gumbel],
        [QuantizerConfiguration.Position.encoder, .aggregator])
    func addsAQuantizer(_ kind: QuantizerConfiguration.Kind, at position: QuantizerConfiguration.Position)
        throws
    {
        let runs = try TinyRuns()
        let weights = try Checkpoint(path: try runs.train("old", tiny(.none)).last)
        var run = tiny(kind)
        (run.model.quantizer.variables, run.model.quantizer.position) = (8, position)
        run.schedule.learningRate = 1e-6
        let new = try Checkpoint(path: try runs.train("new", run, upTo: 1, weights: weights).last)
        let (before, after) = (try weights.model(), try new.model())
        let old = Dictionary(
            uniqueKeysWithValues: before.parameters.map { ($0.name, $0.variable.value.values) })
        for parameter in after.parameters {
            guard let values = old[parameter.name] else { continue }
            #expect(zip(values, parameter.variable.value.values).allSatisfy { abs($0 - $1) < 1e-5 })
        }
        let waveform = tones(1600, seed: 1).map { Float($0) / 32768 }
        #expect(Set(try InferenceModel(after).quantize(waveform).ids).count > 3)
        guard kind == .kmeans else { return }
        let layer: FeatureLayer = position == .encoder ? .z : .c
        let frames = try FeatureExtractor(before, layer: layer)(waveform).values
        let quantized = try FeatureExtractor(after, layer: .quantized)(waveform).values
        let mean = frames.reduce(0, +) / Float(frames.count)
        let variance = frames.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = zip(frames, quantized).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(error < 0.5 * variance, "\(error) of \(variance)")
    }

    @Test func refusesWeightsOfAnotherShape() throws {
        let runs = try TinyRuns()
        let weights = try Checkpoint(path: try runs.train("old", tiny(), upTo: 1).last)
        var other = tiny()
        other.model.quantizer.variables = 5
        let text = message { try runs.train("new", other, weights: weights) }
        #expect(text.contains("old/last.safetensors: vector_quantizer.vars has shape [1, 4, 4]"), "\(text)")
        #expect(!FileManager.default.fileExists(atPath: runs.folder("new").path))
        let kmeans = message { try runs.train("new", tiny(.kmeans), weights: weights) }
        #expect(kmeans.contains("has no tensor vector_quantizer.embedding"), "\(kmeans)")
    }
}
