// Wall time of one training update and of tokenisation at the paper's size (the `fairseq` preset, random
// weights and audio): medians of several runs, after one to warm up.
import Foundation
import Tensors
import Training
import VQWav2Vec

@main
struct Speed {
    static func main() throws {
        if let threads = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }) {
            Parallel.threads = threads
        }
        print("threads: \(Parallel.threads)")
        for kind in [QuantizerConfiguration.Kind.gumbel, .kmeans] {
            try measureUpdate(kind)
        }
        for seconds in [15, 60] { try measureTokens(seconds: seconds) }
        print("peak memory: \(ProcessMemory.peakBytes >> 20) MiB")
    }

    static func measureUpdate(_ kind: QuantizerConfiguration.Kind) throws {
        let samples = 150_000
        var run = Preset.fairseq.configuration
        run.model.quantizer.kind = kind
        let model = try Model(run.model)
        var optimizer = Adam(run.optimizer, parameters: model.parameters)
        let batch = Tensor(noise(samples), shape: [1, samples])
        let losses = QuantizerLosses(kmeansWeight: 1)
        let seconds = try median(of: 5) { update in
            let tape = Tape()
            let step = try model.step(
                batch, temperature: 2, losses: losses,
                noise: StepNoise(training: true, update: update, items: [0]), on: tape)
            tape.backward(from: step.loss)
            _ = prepareGradients(model.parameters, positives: step.positives, clipNorm: 0)
            optimizer.update(model.parameters, learningRate: 1e-5)
            for parameter in model.parameters { parameter.variable.clearGradient() }
        }
        print(String(format: "update, %@, 1 x %d samples: %.2f s", kind.rawValue, samples, seconds))
    }

    static func measureTokens(seconds: Int) throws {
        let model = try Model(Preset.fairseq.configuration.model)
        let waveform = noise(seconds * 16_000)
        let time = try median(of: 5) { _ in _ = try model.quantize(waveform) }
        print(
            String(format: "tokenise %d s: %.1f s of audio per second", seconds, Double(seconds) / time))
    }

    static func noise(_ count: Int) -> [Float] {
        var stream = RandomStream(seed: 1, purpose: .test)
        return (0..<count).map { _ in 0.1 * stream.nextNormal() }
    }

    /// Seconds of a call: the median after one call to warm up.
    static func median(of count: Int, _ body: (Int) throws -> Void) rethrows -> Double {
        let clock = ContinuousClock()
        try body(0)
        var times: [Double] = []
        for run in 1...count {
            let duration = try clock.measure { try body(run) }
            times.append(duration / .seconds(1))
        }
        return times.sorted()[count / 2]
    }
}
