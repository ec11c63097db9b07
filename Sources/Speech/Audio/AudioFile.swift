import SystemPackage

/// Reads recordings: WAV, FLAC, Ogg (Vorbis, Opus, FLAC), MP3, whatever else libsndfile knows, and through an
/// installed `ffmpeg` the sound of MP4, WebM and others. A file is known by its first bytes, not by its suffix.
///
/// Recordings that are missing, empty, truncated, not audio or not finite are refused with an `AudioError`.
public enum AudioFile {
    /// The longest recording that is read, in samples: 37 hours at 16 kHz.
    public static let longest = 1 << 31

    /// Suffixes, in lower case, of files that can be opened without FFmpeg.
    public static let suffixes: Set<String> = [
        "wav", "wave", "bwf", "rf64", "bw64", "w64", "flac", "ogg", "oga", "opus", "mp3", "mp2", "mp1",
        "mpga", "aif",
        "aiff", "aifc", "au", "snd", "caf", "sph", "nist", "voc", "svx", "iff", "8svx", "16sv", "ircam", "sf",
        "paf",
        "avr", "pvf", "htk", "wve", "xi", "sds", "gsm", "vox",
    ]

    /// Suffixes of files whose sound FFmpeg decodes, where it is installed.
    public static let foreignSuffixes: Set<String> = [
        "m4a", "m4b", "mp4", "m4v", "mov", "3gp", "3g2", "aac", "webm", "weba", "mkv", "mka", "wma", "wmv",
        "asf",
        "avi", "amr", "ac3", "eac3", "dts", "ape", "wv", "tta", "mpc", "spx", "ogv", "ts", "mpg", "mpeg",
        "flv", "ra",
        "rm", "dsf",
    ]

    /// Whether folders are searched for files with a suffix.
    static func knows(suffix: String) -> Bool {
        suffixes.contains(suffix) || foreignSuffixes.contains(suffix)
    }

    /// Length, rate and channels, from the header where it tells the length for certain. (Files that do not, as
    /// encoders leave them that write to a pipe, are decoded to count.)
    ///
    /// - Throws: `AudioError`.
    public static func info(_ source: AudioSource) throws -> AudioInfo { try SampleStream.info(source) }

    /// The same of a whole file.
    public static func info(_ path: FilePath) throws -> AudioInfo { try info(AudioSource(path: path)) }

    /// Decodes a recording: 16-bit samples become value/32768 exactly, and several channels their mean in
    /// float32, as in fairseq. For recordings of any length see `Sound`.
    ///
    /// - Parameters:
    ///   - sampleRate: the rate that is needed, in samples per second.
    ///   - resample: convert another rate (libsoxr, high quality) instead of refusing it. A part of a
    ///     recording is cut out first.
    /// - Throws: `AudioError`.
    public static func read(
        _ source: AudioSource, sampleRate: Int, resample: Bool = false
    ) throws -> Waveform {
        let stream = try SampleStream(source, sampleRate: sampleRate, resample: resample)
        var samples: [Float] = []
        // A header can promise anything.
        samples.reserveCapacity(min(stream.count ?? 0, 1 << 20))
        try stream.forEachBlock { samples += $0 }
        var waveform = Waveform(
            samples: samples, sampleRate: sampleRate, path: "\(source)", channels: stream.channels)
        waveform.silence = stream.silence
        return waveform
    }

    /// The same of a whole file.
    public static func read(_ path: FilePath, sampleRate: Int, resample: Bool = false) throws -> Waveform {
        try read(AudioSource(path: path), sampleRate: sampleRate, resample: resample)
    }

    /// Refuses a rate that is not the model's and is not to be converted, or cannot be meant.
    package static func requireRate(_ needed: Int, of found: Int, path: String, resample: Bool) throws {
        guard needed > 0 else {
            throw AudioError.unsuitable(
                path, "cannot be read at \(needed) Hz: the sample rate must be positive")
        }
        guard found == needed || resample else {
            throw AudioError.rate(path, found: found, needed: needed)
        }
        guard Resampler.isReasonable(from: found, to: needed) else {
            throw AudioError.unsuitable(
                path,
                "is sampled at \(found) Hz, says its header: it is no speech, or the header is damaged; "
                    + "leave it out")
        }
    }

    /// Refuses a recording that is longer than can be meant.
    package static func requireLength(_ frames: Int, path: String) throws {
        guard (0...longest).contains(frames) else {
            throw AudioError.unsuitable(path, "is longer than \(longest) samples: cut it into parts")
        }
    }
}
