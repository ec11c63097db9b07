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

    /// The user sees what has become of the log: only a last line can be cut off.
    @Test func linesOfTheLogThatCannotBeReadStay() throws {
        let runs = try TinyRuns()
        let run = configuration(.gumbel)
        let folder = try runs.train("run", run, upTo: 4)
        let log = try folder.bytes(folder.log)
        let first = try #require(log.firstIndex(of: 0x0A)) + 1
        try (log[..<first] + Data("what is this?\n".utf8) + log[first...]).write(
            to: URL(fileURLWithPath: folder.log))
        try runs.train("run", run, resume: true)
        #expect(String(decoding: try folder.bytes(folder.log), as: UTF8.self).contains("\nwhat is this?\n{"))
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
