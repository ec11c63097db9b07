/// Where the frames of an output lie in the waveform.
///
/// Frame t stands for the samples t · hop … t · hop + window − 1, those that the convolutions of the encoder
/// see for it. (Its values depend on the whole recording besides, through group norms and attention.) For the c of
/// vq-wav2vec it is the newest frame of z that frame t of c sees: those before, `history` in all with it, reach
/// further back.
public struct FrameTiming: Equatable, Sendable {
    /// Samples between the starts of two frames.
    public let hop: Int
    /// Samples that a frame stands for: the receptive field of the encoder.
    public let window: Int
    /// Frames of z that a frame sees: 1 but for the c of vq-wav2vec.
    public let history: Int
    /// In Hz.
    public let sampleRate: Int

    package init(hop: Int, window: Int, history: Int = 1, sampleRate: Int) {
        (self.hop, self.window, self.history, self.sampleRate) = (hop, window, history, sampleRate)
    }

    /// Frames per second.
    public var rate: Double { Double(sampleRate) / Double(hop) }

    /// The middle of the first frame in seconds from the first sample: (window − 1) / 2 samples. Frame t is
    /// t / rate later.
    public var firstFrame: Double { Double(window - 1) / 2 / Double(sampleRate) }
}

/// As outputs describe it.
extension FrameTiming: Encodable {
    private enum CodingKeys: String, CodingKey {
        case sampleRate = "sample_rate"
        case hop = "hop_samples"
        case window = "window_samples"
        case history = "history_frames"
        case rate = "frame_rate"
        case firstFrame = "first_frame_seconds"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sampleRate, forKey: .sampleRate)
        try container.encode(hop, forKey: .hop)
        try container.encode(window, forKey: .window)
        try container.encode(history, forKey: .history)
        try container.encode(rate, forKey: .rate)
        try container.encode(firstFrame, forKey: .firstFrame)
    }
}
