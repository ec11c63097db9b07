/// Where the frames of units lie in a recording: frame t stands for the moment c_t = (hop · t + offset) / rate.
public struct FrameCentres: Equatable, Sendable {
    /// Samples between two frames.
    public var hop: Int
    /// Samples before the centre of the first frame: (receptive field − 1) / 2.
    public var offset: Double
    /// In Hz.
    public var sampleRate: Int

    /// - Parameter window: samples that a frame sees, the receptive field.
    /// - Precondition: all are positive.
    public init(hop: Int, window: Int, sampleRate: Int) {
        precondition(hop > 0 && window > 0 && sampleRate > 0, "frames of \(window) samples, \(hop) apart")
        (self.hop, self.sampleRate) = (hop, sampleRate)
        offset = Double(window - 1) / 2
    }

    /// vq-wav2vec's: 465 samples of 16 kHz, 160 apart.
    public static let usual = FrameCentres(hop: 160, window: 465, sampleRate: 16000)

    /// Samples that a frame sees.
    public var window: Int { Int(2 * offset) + 1 }

    /// Frames of a recording of so many samples.
    public func frames(samples: Int) -> Int { samples < window ? 0 : (samples - window) / hop + 1 }

    /// The least number of samples that gives so many frames.
    public func leastSamples(frames: Int) -> Int { frames > 0 ? (frames - 1) * hop + window : 0 }

    /// Frames per second.
    public var frameRate: Double { Double(sampleRate) / Double(hop) }

    /// c_t in seconds.
    public subscript(frame: Int) -> Double { (Double(hop * frame) + offset) / Double(sampleRate) }

    /// The moment between frames t − 1 and t, in seconds.
    public func boundary(before frame: Int) -> Double {
        (Double(hop * frame) + offset - Double(hop) / 2) / Double(sampleRate)
    }
}
