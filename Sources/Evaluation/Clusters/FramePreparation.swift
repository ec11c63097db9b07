import Files
import Tensors

/// What is done to the frames of a recording before they are clustered.
///
/// Frames with mean 0 and variance 1 in each recording tell less of its speaker (van Niekerk, Nortje, Baas and Kamper,
/// "Analyzing speaker information in self-supervised models to improve zero-resource speech processing", 2021); means
/// over neighbours tell less of where in the waveform a frame begins.
public struct FramePreparation: Sendable, Equatable {
    /// Each channel of each recording gets mean 0 and variance 1; one that never changes gets zeros.
    public var normalizes = false
    /// Frames of which each becomes the mean, itself in the middle, fewer at the ends of a recording: an odd number.
    public var averagedFrames = 1

    /// Most frames that are averaged.
    public static let mostFrames = 1001

    public init() {}

    /// - Returns: nil for other numbers of frames than odd ones from 1 to `mostFrames`.
    public init?(normalizes: Bool, averagedFrames: Int) {
        guard (1...Self.mostFrames).contains(averagedFrames), averagedFrames % 2 == 1 else { return nil }
        (self.normalizes, self.averagedFrames) = (normalizes, averagedFrames)
    }

    /// - Parameter frames: [T, D] of a whole recording.
    /// - Returns: [T, D].
    package func callAsFunction(_ frames: Tensor) -> Tensor {
        let normalized = normalizes ? Self.normalize(frames) : frames
        return averagedFrames > 1 ? Self.average(normalized, over: averagedFrames) : normalized
    }

    private static func normalize(_ frames: Tensor) -> Tensor {
        let (count, channels) = (frames.shape[0], frames.shape[1])
        var means = [Double](repeating: 0, count: channels)
        var squares = means
        for frame in 0..<count {
            let row = frames.pointer + frame * channels
            for channel in 0..<channels { means[channel] += Double(row[channel]) }
        }
        for channel in 0..<channels { means[channel] /= Double(count) }
        for frame in 0..<count {
            let row = frames.pointer + frame * channels
            for channel in 0..<channels {
                let difference = Double(row[channel]) - means[channel]
                squares[channel] += difference * difference
            }
        }
        let scales = squares.map { $0 > 0 ? (Double(count) / $0).squareRoot() : 0 }
        let result = Tensor(uninitialized: frames.shape)
        for frame in 0..<count {
            let (row, normalized) = (frames.pointer + frame * channels, result.pointer + frame * channels)
            for channel in 0..<channels {
                normalized[channel] = Float((Double(row[channel]) - means[channel]) * scales[channel])
            }
        }
        return result
    }

    /// Each sum is taken anew, so that frames far away change nothing.
    private static func average(_ frames: Tensor, over width: Int) -> Tensor {
        let (count, channels) = (frames.shape[0], frames.shape[1])
        let result = Tensor(uninitialized: frames.shape)
        var sums = [Double](repeating: 0, count: channels)
        for frame in 0..<count {
            let neighbours = max(0, frame - width / 2)...min(count - 1, frame + width / 2)
            for channel in 0..<channels { sums[channel] = 0 }
            for neighbour in neighbours {
                let row = frames.pointer + neighbour * channels
                for channel in 0..<channels { sums[channel] += Double(row[channel]) }
            }
            let mean = result.pointer + frame * channels
            for channel in 0..<channels { mean[channel] = Float(sums[channel] / Double(neighbours.count)) }
        }
        return result
    }
}

extension FramePreparation {
    /// Keys of the metadata of clusters.
    private enum Key {
        static let normalize = "normalize"
        static let average = "average_frames"
    }

    /// What `clusters` were made of; those of earlier versions of the program, of frames as they are.
    /// - Throws: `FileError` where its metadata cannot be understood.
    public init(of clusters: ClusterFile) throws {
        let normalize = clusters.metadata[Key.normalize] ?? "none"
        let average = clusters.metadata[Key.average] ?? "1"
        guard ["none", "recording"].contains(normalize), let frames = Int(average),
            let preparation = Self(normalizes: normalize == "recording", averagedFrames: frames)
        else {
            throw FileError.unusable(
                path: clusters.path,
                problem: "has clusters of frames prepared in an unknown way; take a newer version of vqw2v")
        }
        self = preparation
    }

    /// For a file of clusters.
    public var metadata: [String: String] {
        [Key.normalize: normalizes ? "recording" : "none", Key.average: "\(averagedFrames)"]
    }
}
