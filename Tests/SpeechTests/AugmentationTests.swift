import Foundation
import Speech
import TestSupport
import Testing

/// Crops as they come out of batches.
@Suite struct AugmentationTests {
    /// A tone of 1000 Hz, two seconds.
    private static let tone = (0..<32_000).map { 0.25 * sin(2 * Double.pi * 1000 * Double($0) / 16_000) }

    private func crops(
        of waveform: [Double] = tone, samples: Int = 8000, epochs: Int = 12,
        _ change: (inout Augmentation) -> Void
    ) throws -> [[Float]] {
        let temporary = try TemporaryFolder()
        let path = try temporary.write(wave(waveform.map { Int16((32767 * $0).rounded()) }), to: "a.wav")
        var augmentation = Augmentation()
        change(&augmentation)
        let plan = try BatchPlan(
            [Utterance(AudioSource(path: path), samples: waveform.count, id: 4)],
            limits: BatchLimits(maxSampleSize: samples, maxSamples: samples), order: .shuffled(seed: 3),
            augmentation: augmentation)
        let store = WaveformStore(sampleRate: 16_000)
        return try (0..<epochs).map {
            try Batch(reading: plan.batches(epoch: $0)[0], from: store).waveforms
        }
    }

    /// Mean square of the part of a crop at a frequency.
    private func power(_ x: [Float], at frequency: Double) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for (index, value) in x.enumerated() {
            let angle = 2 * Double.pi * frequency * Double(index) / 16_000
            real += Double(value) * cos(angle)
            imaginary += Double(value) * sin(angle)
        }
        return 2 * (real * real + imaginary * imaginary) / Double(x.count * x.count)
    }

    /// Of a tone, from its zero crossings and then by its power.
    private func frequency(_ x: [Float]) -> Double? {
        let crossings = zip(x, x.dropFirst()).count { ($0 < 0) != ($1 < 0) }
        let near = Double(crossings) * 8000 / Double(x.count)
        return stride(from: near - 3, through: near + 3, by: 0.25).max { power(x, at: $0) < power(x, at: $1) }
    }

    private func power(_ x: [Float]) -> Double {
        x.reduce(0) { $0 + Double($1) * Double($1) } / Double(x.count)
    }

    /// The same crop in every repetition, others in other epochs, and nothing without settings.
    @Test func isAFunctionOfThePlace() throws {
        let settings = { (a: inout Augmentation) in
            (a.speed, a.noise, a.reverberation, a.bandRejection) = (0.1, 1, 1, 1)
        }
        let first = try crops(settings)
        #expect(try first == crops(settings))
        #expect(Set(first).count == first.count)
        #expect(first.allSatisfy { $0.count == 8000 && $0.allSatisfy(\.isFinite) })
        let plain = try crops { _ in }
        #expect(plain.allSatisfy { abs(power($0) - 0.03125) < 1e-3 && power($0, at: 1000) > 0.031 })
    }

    /// The tone moves by the drawn share and stays a tone as loud as before.
    @Test func speedMovesFrequencies() throws {
        var peaks: [Double] = []
        for crop in try crops({ $0.speed = 0.1 }) {
            let peak = try #require(frequency(crop))
            #expect(power(crop, at: peak) > 0.9 * power(crop))
            #expect(abs(power(crop) - 0.03125) < 2e-3)
            peaks.append(peak)
        }
        #expect(peaks.allSatisfy { (898...1102).contains($0) })
        #expect(peaks.max()! - peaks.min()! > 60, "\(peaks)")
    }

    /// A recording that is no longer than the crop cannot be played faster.
    @Test func shortRecordingsAreOnlySlowed() throws {
        for crop in try crops(of: Array(Self.tone.prefix(8000)), { $0.speed = 0.2 }) {
            #expect(crop.count == 8000 && power(Array(crop.suffix(200))) > 0.01)
            let peak = try #require(frequency(crop))
            #expect(peak < 1002)
        }
    }

    @Test func noiseIsFiveToTwentyFiveDecibelsBelow() throws {
        let noise = try crops { $0.noise = 1 }.map { 10 * log10(power($0) / 0.03125 - 1) }
        // The sum has both powers, but for their correlation.
        #expect(noise.allSatisfy { $0 < -4 }, "\(noise)")
        #expect(noise.contains { $0 > -15 })
        let changed = try crops(epochs: 40) { $0.noise = 0.5 }
        let some = zip(changed, try crops(epochs: 40) { _ in }).count { $0 != $1 }
        #expect((8...32).contains(some), "\(some)")
    }

    /// A click has all frequencies alike; a band of them is lost, and the rest as loud as before.
    @Test func aBandIsLost() throws {
        var click = [Double](repeating: 0, count: 2000)
        click[100] = 0.9
        let frequencies = Array(stride(from: 100.0, through: 6000, by: 25))
        var lost: [Double] = []
        for crop in try crops(of: click, samples: 2000, { $0.bandRejection = 1 }) {
            #expect(abs(power(crop) / (0.81 / 2000) - 1) < 1e-3)
            let response = frequencies.map { power(crop, at: $0) }
            let weakest = try #require(response.indices.min { response[$0] < response[$1] })
            #expect(response[weakest] < 0.02 * response.max()!)
            lost.append(frequencies[weakest])
        }
        #expect(lost.max()! > 4 * lost.min()!, "\(lost)")
    }

    /// A click is followed by echoes that fade.
    @Test func roomsHaveEchoes() throws {
        var click = [Double](repeating: 0, count: 16_000)
        click[800] = 0.9
        for crop in try crops(of: click, samples: 16_000, { $0.reverberation = 1 }) {
            let (early, late) = (Array(crop[1000..<5000]), Array(crop[12_000...]))
            #expect(power(early) > 0 && power(late) < 0.1 * power(early))
            #expect(power(Array(crop[..<800])) == 0)
        }
    }
}
