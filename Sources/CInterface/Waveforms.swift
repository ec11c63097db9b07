import CVqw2v
import Layers
import Speech
import SystemPackage

extension OpenModel {
    /// Hands over a recording in the caller's memory, converted where that is asked for.
    /// - Parameters:
    ///   - samples: [count], at `rate`.
    ///   - flags: `VQW2V_RESAMPLE` or 0.
    /// - Throws: `CallError` for samples that cannot be meant; what `body` throws.
    func withFrames<Result>(
        _ samples: UnsafePointer<Float>?, _ count: Int, rate: Int32, flags: UInt32,
        _ body: (FrameStore) throws -> Result
    ) throws -> Result {
        let resamples = try Self.resamples(flags)
        guard count >= 0, count <= AudioFile.longest else {
            throw CallError.invalid(
                "the waveform is longer than \(AudioFile.longest) samples: cut it into parts")
        }
        guard count > 0 else { throw CallError.invalid("the waveform is empty: it has no samples") }
        guard let samples else { throw CallError.invalid("samples is a null pointer") }
        let waveform = UnsafeBufferPointer(start: samples, count: count)
        if let index = waveform.firstIndex(where: { !$0.isFinite }) {
            throw CallError.invalid(
                "sample \(index) of the waveform is \(waveform[index].isNaN ? "NaN" : "infinite"): the recording is "
                    + "damaged, leave it out")
        }
        if Int(rate) == sampleRate { return try body(FrameStore(borrowing: waveform)) }
        guard rate > 0 else {
            throw CallError.invalid(
                "the waveform cannot have a sample rate of \(rate) Hz: it must be positive")
        }
        guard resamples else {
            throw CallError.invalid(
                "the waveform is sampled at \(rate) Hz, needed are \(sampleRate) Hz: convert it, or give --resample"
            )
        }
        guard Resampler.isReasonable(from: Int(rate), to: sampleRate) else {
            throw CallError.invalid("the waveform is sampled at \(rate) Hz, it is said: it is no speech")
        }
        return try Resampler.convert(Array(waveform), from: Int(rate), to: sampleRate, path: "the waveform")
            .withUnsafeBufferPointer { try body(FrameStore(borrowing: $0)) }
    }

    /// Hands over a recording in a file.
    /// - Throws: `AudioError` that names it, and what `body` throws.
    func withFrames<Result>(
        of path: UnsafePointer<CChar>?, flags: UInt32, _ body: (FrameStore) throws -> Result
    ) throws -> Result {
        guard let path else { throw CallError.invalid("path is a null pointer") }
        let source = AudioSource(path: FilePath(platformString: path))
        let sound = try Sound(source, sampleRate: sampleRate, resample: Self.resamples(flags))
        if let silence = sound.silence { throw AudioError.unsuitable("\(source)", silence.explanation) }
        do {
            return try sound.withFrames(body)
        } catch let error as ModelError {
            throw AudioError.unsuitable("\(source)", "\(error); leave it out")
        }
    }

    private static func resamples(_ flags: UInt32) throws -> Bool {
        guard flags & ~UInt32(VQW2V_RESAMPLE) == 0 else {
            throw CallError.invalid("there are no flags \(flags): give 0 or VQW2V_RESAMPLE")
        }
        return flags != 0
    }
}
