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
        let name = "the waveform"
        try Self.asArguments { try AudioFile.requireLength(count, path: name) }
        guard count > 0 else { throw CallError.invalid("\(name) is empty: it has no samples") }
        guard let samples else { throw CallError.invalid("samples is a null pointer") }
        let waveform = UnsafeBufferPointer(start: samples, count: count)
        if let index = waveform.firstIndex(where: { !$0.isFinite }) {
            throw CallError.invalid(
                "sample \(index) of \(name) is \(waveform[index].isNaN ? "NaN" : "infinite"): the recording is "
                    + "damaged, leave it out")
        }
        let rate = Int(rate)
        if rate == sampleRate { return try body(FrameStore(borrowing: waveform)) }
        guard rate > 0 else {
            throw CallError.invalid("\(name) cannot have a sample rate of \(rate) Hz: it must be positive")
        }
        // There is no header that says it.
        guard !resamples || Resampler.isReasonable(from: rate, to: sampleRate) else {
            throw CallError.invalid("\(name) is sampled at \(rate) Hz, it is said: it is no speech")
        }
        let converted = try Self.asArguments {
            try AudioFile.requireRate(sampleRate, of: rate, path: name, resample: resamples)
            return try Resampler.convert(waveform, from: rate, to: sampleRate, path: name)
        }
        return try converted.withUnsafeBufferPointer { try body(FrameStore(borrowing: $0)) }
    }

    /// What is wrong with a recording in memory is wrong with an argument.
    private static func asArguments<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as AudioError {
            throw CallError.invalid("\(error.name) \(error.problem)\(error.remedy)")
        }
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
        return try AudioError.naming("\(source)") { try sound.withFrames(body) }
    }

    private static func resamples(_ flags: UInt32) throws -> Bool {
        guard flags & ~UInt32(VQW2V_RESAMPLE) == 0 else {
            throw CallError.invalid("there are no flags \(flags): give 0 or VQW2V_RESAMPLE")
        }
        return flags != 0
    }
}
