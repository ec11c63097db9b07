import CSndFile
import Foundation
import Speech
import TestSupport
import Testing

@Suite struct ResamplerTests {
    @Test(arguments: [(44100, 16000), (48000, 16000), (22050, 16000), (8000, 16000), (16000, 44100)])
    func lengthIsTheRatioOfTheRates(from: Int, to: Int) throws {
        for count in [1, 2, 4, 7, 10, 441, 1000, 26230, 42778, 44101] {
            let expected = Int((Double(count) * Double(to) / Double(from)).rounded())
            #expect(Resampler.outputCount(count, from: from, to: to) == expected)
            guard expected > 0 else { continue }
            let converted = try Resampler.convert(
                [Float](repeating: 0.5, count: count), from: from, to: to, path: "x")
            #expect(converted.count == expected)
            // The end of the recording is in it: the filter is flushed.
            #expect(converted.last != 0, "\(count)")
        }
    }

    /// Below the new Nyquist frequency the converted tone is the tone itself, in phase and amplitude.
    @Test(arguments: [(44100, 440.0), (44100, 6000.0), (22050, 1000.0), (8000, 3000.0), (48000, 50.0)])
    func toneIsKept(from: Int, frequency: Double) throws {
        let converted = try Resampler.convert(
            sine(frequency, rate: from, count: from), from: from, to: 16000, path: "x")
        let expected = sine(frequency, rate: 16000, count: 16000)
        let errors = zip(converted, expected).map { abs($0 - $1) }
        // libsoxr's passband is that flat. The ends, where the filter sees the silence around the recording, are left out.
        #expect(errors[2000..<14000].allSatisfy { $0 < 2e-4 })
    }

    @Test func toneThatTheNewRateCannotHoldIsRemoved() throws {
        let converted = try Resampler.convert(
            sine(12000, rate: 44100, count: 44100), from: 44100, to: 16000, path: "x")
        #expect(converted[500..<15500].allSatisfy { abs($0) < 1e-4 })
    }

    /// The last samples are there too: the filter's delay is compensated.
    @Test func constantStaysConstantToTheEnds() throws {
        let converted = try Resampler.convert(
            [Float](repeating: 0.5, count: 44100), from: 44100, to: 16000, path: "x")
        #expect(converted[500..<15500].allSatisfy { abs($0 - 0.5) < 1e-4 })
        #expect(abs(converted[15999] - 0.5) < 0.2)
        #expect(abs(converted[0] - 0.5) < 0.2)
    }

    @Test func filesAreConvertedOnRequest() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.flac")
        try writeSound(
            sine(440, rate: 44100, count: 44100), to: path, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_24,
            rate: 44100)
        let waveform = try AudioFile.read(path, sampleRate: 16000, resample: true)
        #expect(waveform.sampleRate == 16000)
        let info = try AudioFile.info(path)
        #expect(waveform.samples.count == info.samples(at: 16000))
        let expected = sine(440, rate: 16000, count: 16000)
        #expect(
            zip(waveform.samples, expected).dropFirst(500).dropLast(500).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func emptyResultIsAnError() {
        let line = message { try Resampler.convert([0.5], from: 44100, to: 16000, path: "a.wav") }
        #expect(line == "a.wav: cannot be converted: 44100 Hz to 16000 Hz makes 0 samples")
    }

    @Test func hugeCountsDoNotOverflow() {
        #expect(Resampler.outputCount(.max, from: 1, to: .max) == .max)
        #expect(Resampler.outputCount(.max, from: 2, to: 1) == 1 << 62)
    }
}
