/// A recording in memory: one channel, finite samples.
public struct Waveform: Sendable, Equatable {
    /// [N], full scale is ±1.
    public var samples: [Float]
    /// In samples per second.
    public var sampleRate: Int
    /// Where it was read from.
    public var path: String
    /// Channels of the recording, of which `samples` are the mean.
    public var channels: Int
    /// Why every sample is zero; nil where one is not. Callers decide whether that is an error.
    public internal(set) var silence: Silence?

    public init(samples: [Float], sampleRate: Int, path: String, channels: Int = 1) {
        self.samples = samples
        self.sampleRate = sampleRate
        self.path = path
        self.channels = channels
        silence = samples.allSatisfy { $0 == 0 } ? .nothingRecorded : nil
    }

    /// Whether every sample is zero.
    public var isSilent: Bool { silence != nil }
}

/// What the header of a recording says.
public struct AudioInfo: Sendable, Equatable {
    /// Samples per channel, at the file's own rate; more than 0.
    public var frames: Int
    /// In samples per second.
    public var sampleRate: Int
    public var channels: Int

    public init(frames: Int, sampleRate: Int, channels: Int) {
        self.frames = frames
        self.sampleRate = sampleRate
        self.channels = channels
    }

    /// How many samples the recording has at another rate.
    public func samples(at rate: Int) -> Int {
        Resampler.outputCount(frames, from: sampleRate, to: rate)
    }
}
