import SystemPackage

/// Reads recordings with libsndfile: WAV, FLAC, Ogg (Vorbis, Opus) and MP3, and whatever else it knows.
///
/// Recordings that are missing, empty, truncated, not audio or not finite are refused with an `AudioError`.
public enum AudioFile {
    /// The longest recording that is read, in samples: 37 hours at 16 kHz.
    public static let longest = 1 << 31

    /// Length, rate and channels, from the header alone. (FLAC files whose header does not tell their
    /// length, as encoders leave them that write to a pipe, are decoded to count.)
    ///
    /// - Throws: `AudioError`.
    public static func info(_ source: AudioSource) throws -> AudioInfo {
        let file = try SoundFile(source)
        let frames = try file.declaredFrames ?? file.decode().count
        guard frames > 0 else { throw AudioError.unusable("\(source)", "is empty: it has no samples") }
        return AudioInfo(frames: frames, sampleRate: file.sampleRate, channels: file.channels)
    }

    /// The same of a whole file.
    public static func info(_ path: FilePath) throws -> AudioInfo { try info(AudioSource(path: path)) }

    /// Decodes a recording: 16-bit samples become value/32768 exactly, and several channels their mean in
    /// float32, as in fairseq.
    ///
    /// - Parameters:
    ///   - sampleRate: the rate that is needed, in samples per second.
    ///   - resample: convert another rate (libsoxr, high quality) instead of refusing it. A part of a
    ///     recording is cut out first.
    /// - Throws: `AudioError`.
    public static func read(
        _ source: AudioSource, sampleRate: Int, resample: Bool = false
    ) throws -> Waveform {
        let path = "\(source)"
        let file = try SoundFile(source)
        try requireRate(sampleRate, of: file.sampleRate, path: path, resample: resample)
        var samples = try file.decode()
        guard !samples.isEmpty else { throw AudioError.unusable(path, "is empty: it has no samples") }
        if let index = samples.firstIndex(where: { !$0.isFinite }) {
            let value = samples[index].isNaN ? "NaN" : "infinite"
            throw AudioError("\(path): sample \(index) is \(value): the recording is damaged, leave it out")
        }
        if file.sampleRate != sampleRate {
            samples = try Resampler.convert(samples, from: file.sampleRate, to: sampleRate, path: path)
        }
        return Waveform(samples: samples, sampleRate: sampleRate, path: path, channels: file.channels)
    }

    /// The same of a whole file.
    public static func read(_ path: FilePath, sampleRate: Int, resample: Bool = false) throws -> Waveform {
        try read(AudioSource(path: path), sampleRate: sampleRate, resample: resample)
    }

    /// Refuses a rate that is not the model's and is not to be converted.
    static func requireRate(_ needed: Int, of found: Int, path: String, resample: Bool) throws {
        guard needed > 0 else {
            throw AudioError("\(path): cannot be read at \(needed) Hz: the sample rate must be positive")
        }
        guard found == needed || resample else {
            throw AudioError(
                "\(path): is sampled at \(found) Hz, needed are \(needed) Hz: convert it, or give --resample")
        }
    }
}
