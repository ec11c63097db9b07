import CKernels
import Files
import Tensors

/// What stands for the recordings that items are cut from: frames of features, or units.
public struct ABXRecordings: Sendable {
    enum Content {
        case features([ByteString: Tensor])
        case units([ByteString: [Int32]])
    }

    let content: Content
    /// D; 1 with units.
    let dimensions: Int

    /// - Parameter features: [T, D] of each recording.
    /// - Throws: `EvaluationError` for frames of different sizes.
    public init(features: [ByteString: Tensor]) throws(EvaluationError) {
        dimensions = features.values.first?.shape.last ?? 0
        for (recording, frames) in features.sorted(by: { $0.key < $1.key }) {
            guard frames.shape.count == 2, frames.shape[1] == dimensions else {
                throw .differentDimensions(recording: recording, frames.shape.last ?? 0, others: dimensions)
            }
        }
        content = .features(features)
    }

    /// - Parameter units: a number for each frame of each recording.
    public init(units: [ByteString: [Int32]]) {
        dimensions = 1
        content = .units(units)
    }

    /// T; nil for an unknown recording.
    func frames(of recording: ByteString) -> Int? {
        switch content {
        case .features(let features): features[recording]?.shape[0]
        case .units(let units): units[recording]?.count
        }
    }
}

/// The frames of each item, checked.
struct ABXCuts: Sendable {
    /// Of the item's recording, never empty.
    let frames: [Range<Int>]

    /// Sums of squares of such numbers stay in single precision.
    private static let largest: Float = 1e15

    /// - Throws: `EvaluationError` that names the line of an item without frames, or beyond its recording, or the
    ///   recording whose frames are not finite, too large, or no distributions where the distance compares these.
    init(
        _ items: ABXItems, _ timing: ABXTiming, _ recordings: ABXRecordings, _ distance: ABXDistance
    ) throws(EvaluationError) {
        var frames: [Range<Int>] = []
        frames.reserveCapacity(items.items.count)
        for item in items.items {
            guard let count = recordings.frames(of: item.recording), let cut = timing.frames(of: item) else {
                throw .missingFrames(path: items.path, line: item.line, recording: item.recording)
            }
            guard !cut.isEmpty else { throw .emptyItem(path: items.path, line: item.line) }
            guard cut.lowerBound >= 0, cut.upperBound <= count else {
                throw .outside(path: items.path, line: item.line, frames: cut, count: count)
            }
            if case .features(let features) = recordings.content, let tensor = features[item.recording] {
                let values = UnsafeBufferPointer(
                    start: tensor.pointer + cut.lowerBound * recordings.dimensions,
                    count: cut.count * recordings.dimensions)
                guard vq_first_non_finite(values.baseAddress, values.count) < 0 else {
                    throw .notFinite(recording: item.recording)
                }
                guard vq_largest_magnitude(values.baseAddress, values.count) <= Self.largest else {
                    throw .tooLarge(recording: item.recording)
                }
                // Their logarithms would be no numbers. What they add up to is left to the user, as fastabx does.
                guard distance != .symmetricKL || values.allSatisfy({ $0 >= 0 }) else {
                    throw .notDistributions(recording: item.recording)
                }
            }
            frames.append(cut)
        }
        self.frames = frames
    }
}

extension ABXItems {
    /// The items that have frames, and how many have none: phones shorter than a frame, or beyond the last one.
    public func havingFrames(of recordings: ABXRecordings, timing: ABXTiming) -> (
        items: ABXItems, dropped: Int
    ) {
        let kept = filter { item in
            guard let count = recordings.frames(of: item.recording), let cut = timing.frames(of: item) else {
                return false
            }
            return !cut.isEmpty && cut.lowerBound >= 0 && cut.upperBound <= count
        }
        return (kept, items.count - kept.items.count)
    }
}
