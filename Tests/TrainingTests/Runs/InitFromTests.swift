import Checkpoints
import Foundation
import Layers
import TensorFiles
import Tensors
import TestSupport
import Testing
import Training
import VQWav2Vec

/// A run that begins with the weights of another.
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
