import Checkpoints
import Foundation
import Layers
import TestSupport
import Testing
import Training
import VQWav2Vec
import Wav2Vec2

/// Settings and recordings at the edge of what makes sense: every weight of the checkpoint is a number, or the run stops with
/// a line.
@Suite struct StressRunTests {
    enum Stress: String, CaseIterable {
        case lowestTemperature, fewestCodewords, oneGroup, manyCombinations, equalRecordings, squareWaves,
            nearlySilent
    }

    /// Trains, and looks at what it leaves.
    private func train(_ run: RunConfiguration, _ stress: Stress?) throws -> RunScreen {
        let runs = try TinyRuns(recordings: 4)
        for index in 0..<4 {
            let samples: [Int16]? =
                switch stress {
                case .equalRecordings: tones(1600, seed: 1)
                case .squareWaves: (0..<1600 + 100 * index).map { $0 / (20 + index) % 2 == 0 ? .max : .min }
                case .nearlySilent: (0..<1600 + 100 * index).map { $0 % 501 == 0 ? 1 : 0 }
                default: nil
                }
            if let samples { try runs.write(samples, to: "data/\(index).wav") }
        }
        let screen = RunScreen()
        let folder = try runs.train("run", run, screen: screen)
        let checkpoint = try Checkpoint(path: folder.last)
        #expect(checkpoint.state.update == run.training.maxUpdates)
        for parameter in try checkpoint.storedModel().model.parameters {
            #expect(parameter.variable.value.firstNonFinite == nil, "\(parameter.name)")
        }
        return screen
    }

    @Test(arguments: Stress.allCases, [QuantizerConfiguration.Kind.gumbel, .kmeans])
    func vqWav2Vec(_ stress: Stress, _ kind: QuantizerConfiguration.Kind) throws {
        var run = tiny(kind)
        run.training.validateEvery = 3
        switch stress {
        case .lowestTemperature:
            (run.model.quantizer.temperature.start, run.model.quantizer.temperature.end) = (1e-3, 1e-3)
        case .fewestCodewords: run.model.quantizer.variables = 2
        case .oneGroup: run.model.quantizer.groups = 1
        // More than an integer holds.
        case .manyCombinations: (run.model.quantizer.groups, run.model.quantizer.variables) = (8, 1024)
        default: break
        }
        _ = try train(run, stress)
    }

    @Test(arguments: Stress.allCases) func wav2vec2(_ stress: Stress) throws {
        var run = tinyWav2Vec2()
        run.training.validateEvery = 3
        switch stress {
        case .lowestTemperature:
            run.wav2vec2?.quantizer.temperature.start = 1e-3
            run.wav2vec2?.quantizer.temperature.end = 1e-3
        case .fewestCodewords: run.wav2vec2?.quantizer.variables = 2
        case .oneGroup: run.wav2vec2?.quantizer.groups = 1
        case .manyCombinations:
            run.wav2vec2?.quantizer.groups = 12
            run.wav2vec2?.quantizer.variables = 64
        default: break
        }
        _ = try train(run, stress)
    }

    /// Nothing can be chosen from one, which is said before anything is begun.
    @Test func oneCodewordIsRefused() throws {
        var run = tiny()
        run.model.quantizer.variables = 1
        let text = message { try train(run, nil) }
        #expect(text == "quantizer.variables must be at least 2, not 1")
    }

    /// Whatever it comes to, somebody is told.
    @Test(arguments: [false, true]) func aLearningRateOfTen(_ isWav2Vec2: Bool) throws {
        var run = isWav2Vec2 ? tinyWav2Vec2(updates: 30) : tiny(updates: 30)
        (run.schedule.learningRate, run.schedule.warmupUpdates) = (10, 0)
        run.optimizer.clipNorm = 0
        do {
            let screen = try train(run, nil)
            #expect(screen.text.contains("diverges") || screen.text.contains("collapse"), "\(screen.text)")
        } catch let error as TrainingError {
            #expect("\(error)".contains("schedule.learning_rate"), "\(error)")
        }
    }
}
