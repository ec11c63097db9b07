import Foundation
import Tensors

/// A synthetic room: four recursive combs side by side, then two all-passes (Schroeder, "Natural sounding artificial
/// reverberation", 1962), added to the sound itself.
struct Reverberation {
    /// Delays of the combs in samples, and what comes back of the sound after each.
    private let combs: [(delay: Int, gain: Float)]
    private let allPasses: [Int]
    /// Amplitude of the echoes.
    private let level: Float

    private static let allPassGain: Float = 0.7

    /// - Parameters:
    ///   - seconds: until the echoes are 60 dB weaker.
    ///   - size: factor of the delays; 1 is a hall.
    init(seconds: Double, size: Double, level: Double, sampleRate: Int) {
        let rate = Double(sampleRate)
        combs = [0.0297, 0.0371, 0.0411, 0.0437].map {
            let delay = max(1, Int(rate * size * $0))
            return (delay, Float(pow(10, -3 * Double(delay) / rate / seconds)))
        }
        allPasses = [0.005, 0.0017].map { max(1, Int(rate * $0)) }
        self.level = Float(level)
    }

    /// A room of 0.1 to 0.6 s.
    init(from stream: inout RandomStream, sampleRate: Int) {
        self.init(
            seconds: 0.1 + 0.5 * Double(stream.nextUniform()), size: 0.3 + 0.7 * Double(stream.nextUniform()),
            level: 0.1 + 0.4 * Double(stream.nextUniform()), sampleRate: sampleRate)
    }

    func apply(to x: inout [Float]) {
        var echoes = [Float](repeating: 0, count: x.count)
        for (delay, gain) in combs {
            var line = [Float](repeating: 0, count: delay)
            var place = 0
            for index in x.indices {
                let past = line[place]
                line[place] = x[index] + gain * past
                echoes[index] += past
                place = place + 1 == delay ? 0 : place + 1
            }
        }
        for delay in allPasses {
            var line = [Float](repeating: 0, count: delay)
            var place = 0
            for index in x.indices {
                let past = line[place]
                let inner = echoes[index] + Self.allPassGain * past
                line[place] = inner
                echoes[index] = past - Self.allPassGain * inner
                place = place + 1 == delay ? 0 : place + 1
            }
        }
        for index in x.indices { x[index] += level * echoes[index] }
    }
}
