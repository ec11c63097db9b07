/// Why a batch cannot be trained on.
public enum Wav2Vec2Error: Error, Equatable {
    /// Fewer than two frames would be masked.
    case tooFewMasked(frames: Int)
}

extension Wav2Vec2Error: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooFewMasked(let frames):
            "of \(frames) frames fewer than two would be masked: take longer recordings, or raise "
                + "mask.time.probability"
        }
    }
}
