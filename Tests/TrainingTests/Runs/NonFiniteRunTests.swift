import Checkpoints
import Foundation
import TestSupport
import Testing
import Training
import VQWav2Vec

/// The first number that is not finite ends a run, and the last checkpoint is still good.
@Suite struct NonFiniteRunTests {
    private func expectGood(_ folder: RunFolder, update: Int) throws {
        let checkpoint = try Checkpoint(path: folder.last)
        #expect(checkpoint.state.update == update)
        for parameter in try checkpoint.model().parameters {
            let isGood = parameter.variable.value.values.allSatisfy { $0.isFinite }
            #expect(isGood, "\(parameter.name)")
        }
    }

    /// Of batches whose gradients are summed any can be to blame.
    @Test func everyBatchOfAnUpdateIsNamed() throws {
        let runs = try TinyRuns()
        var run = tiny()
        run.schedule.warmupUpdates = 0
        run.schedule.learningRate = 1e39
        run.training.accumulateBatches = 2
        let text = message { try runs.train("run", run) }
        #expect(text.components(separatedBy: ".wav").count == 5, "\(text)")
    }

    @Test func aBadWeight() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 2)
        // Finite; what is computed with it is not.
        try folder.rewriteLast(change: {
            ($1, $0.hasPrefix("feature_aggregator") ? $2.map { _ in 3e38 } : $2)
        })
        let before = try folder.bytes(folder.last)
        let text = message { try runs.train("run", tiny(), resume: true) }
        #expect(text.hasPrefix("update 3: context c is not finite, in a batch of "), "\(text)")
        #expect(text.contains(".wav, ") && text.contains("schedule.learning_rate"), "\(text)")
        #expect(text.contains("\(folder.last) is as it was") && text.contains("--init-from"), "\(text)")
        #expect(try folder.bytes(folder.last) == before)
    }

    @Test func aCheckpointWithoutNumbers() throws {
        let runs = try TinyRuns()
        let folder = try runs.train("run", tiny(), upTo: 2)
        let name = "feature_aggregator.conv_layers.1.1.weight"
        try folder.rewriteLast(change: { ($1, $0 == name ? [.nan] + $2.dropFirst() : $2) })
        #expect(
            message { try Checkpoint(path: folder.last).model() }
                == "\(folder.last): \(name) holds numbers that are not finite; use another checkpoint")
    }

    @Test func anUpdateToInfinity() throws {
        let runs = try TinyRuns()
        var run = tiny()
        // The rate climbs from a good one to one that no weight survives.
        run.schedule.warmupInitialLearningRate = 1e-3
        run.schedule.learningRate = 1e39
        run.training.saveEvery = 1
        let text = message { try runs.train("run", run) }
        #expect(text.hasPrefix("update 2: parameter "), "\(text)")
        try expectGood(runs.folder("run"), update: 1)
    }

    @Test func aValidationWithoutANumber() throws {
        let runs = try TinyRuns()
        var run = tiny(updates: 2)
        // Finite weights, of which the scores are not.
        run.schedule.warmupInitialLearningRate = 1e-3
        run.schedule.learningRate = 1e25
        run.schedule.warmupUpdates = 1
        run.training.saveEvery = 1
        let text = message { try runs.train("run", run) }
        #expect(text.hasPrefix("validation after update 2: "), "\(text)")
        #expect(text.contains(" is not finite, in a batch of ") && text.contains(".wav"), "\(text)")
        // Its weights are numbers: it was saved before the validation, which stays due.
        try expectGood(runs.folder("run"), update: 2)
        #expect(try Checkpoint(path: runs.folder("run").last).state.validationDue == true)
    }
}
