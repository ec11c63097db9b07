import Checkpoints
import Foundation
import Layers
import TensorFiles
import TestSupport
import Testing
import Training
import VQWav2Vec

/// Runs whose checkpoints have moving averages of the weights.
@Suite(.serialized) struct WeightAverageTests {
    private let decay = 0.6

    private func configuration(_ wav2vec2: Bool, decay: Double? = nil) -> RunConfiguration {
        var run = wav2vec2 ? tinyWav2Vec2() : tiny(.kmeans)
        if !wav2vec2 {
            (run.codebook.initializeFromData, run.codebook.restartAfterUpdates) = (true, 3)
            run.schedule.learningRate = 0.01
        }
        run.optimizer.averageDecay = decay ?? self.decay
        return run
    }

    /// Tensors of the last checkpoint after each of six updates.
    private func checkpoints(_ name: String, _ run: RunConfiguration, in runs: TinyRuns) throws -> [[String:
        [Float]]]
    {
        try (1...6).map { update in
            let folder = try runs.train(name, run, upTo: update, resume: update > 1)
            let file = try SafetensorsFile(path: folder.last)
            return Dictionary(
                uniqueKeysWithValues: try file.names.filter { try file.entry($0).dtype == .float32 }
                    .map { ($0, try file.floats($0)) })
        }
    }

    /// The definition, in double precision; and the weights themselves are those of a run without averages.
    @Test(arguments: [false, true])
    func areTheMeanOfTheWeightsSoFar(wav2vec2: Bool) throws {
        let runs = try TinyRuns()
        let averages = try checkpoints("averages", configuration(wav2vec2), in: runs)
        let weights = try checkpoints("weights", configuration(wav2vec2, decay: 0), in: runs)
        let prefix = "optimizer.weights."
        #expect(!weights[0].keys.contains { $0.hasPrefix(prefix) })
        let names = averages[0].keys.filter { $0.hasPrefix(prefix) }
        #expect(names.count == averages[0].count / 4)
        var moved = 0
        for key in names {
            let name = String(key.dropFirst(prefix.count))
            for update in 1...6 {
                let history = try (0..<update).map { try #require(weights[$0][name]) }
                #expect(averages[update - 1][key] == history[update - 1], "\(key) after \(update)")
                let mean = try #require(averages[update - 1][name])
                let isMean = mean.indices.allSatisfy { place in
                    var sum = 0.0
                    for (index, values) in history.enumerated() {
                        sum += Double(values[place]) * pow(decay, Double(update - 1 - index))
                    }
                    let expected = sum * (1 - decay) / (1 - pow(decay, Double(update)))
                    return abs(Double(mean[place]) - expected) <= 1e-6 * max(1, abs(expected))
                }
                #expect(isMean, "\(name) after \(update)")
                if update > 1, mean != history[update - 1] { moved += 1 }
            }
        }
        // Otherwise the comparison would say nothing.
        #expect(moved > 4 * names.count)
    }

    @Test(arguments: [false, true], [1, 4])
    func resumeBitForBit(wav2vec2: Bool, stopAfter: Int) throws {
        let runs = try TinyRuns()
        var run = configuration(wav2vec2)
        (run.training.validateEvery, run.training.saveEvery) = (2, 1)
        let whole = try runs.train("whole", run)
        let parts = try runs.train("parts", run, upTo: stopAfter)
        try runs.train("parts", run, resume: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        #expect(try parts.bytes(parts.best) == whole.bytes(whole.best))
    }

    /// Two processes keep the same averages.
    @Test func areThoseOfOneProcess() throws {
        let runs = try TinyRuns()
        var run = configuration(false)
        run.training.accumulateBatches = 2
        let alone = try runs.train("alone", run)
        for result in runs.train("both", run, processes: 2) { _ = try result.get() }
        let both = runs.folder("both")
        #expect(try both.bytes(both.last) == alone.bytes(alone.last))
    }

    /// A validation is one of what the best checkpoint has: a run that begins with that and learns nothing has the same loss,
    /// one that begins with the weights of the same run without averages another.
    @Test func areWhatIsValidated() throws {
        let runs = try TinyRuns()
        func loss(_ folder: RunFolder) throws -> Double {
            try #require(try folder.logLines("validation").last?["loss_bits"] as? Double)
        }
        func lossAgain(of name: String) throws -> Double {
            var run = tiny(.kmeans, updates: 1)
            (run.schedule.learningRate, run.schedule.minimumLearningRate) = (0, 0)
            run.schedule.warmupInitialLearningRate = 0
            let weights = try Checkpoint(path: runs.folder(name).best)
            return try loss(try runs.train("again-\(name)", run, weights: weights))
        }
        let averages = try loss(try runs.train("averages", configuration(false)))
        let weights = try loss(try runs.train("weights", configuration(false, decay: 0)))
        #expect(averages != weights)
        #expect(try lossAgain(of: "averages") == averages)
        #expect(try lossAgain(of: "weights") == weights)
    }
}
