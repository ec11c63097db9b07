import Files

/// The frames of one recording, units or features, and what is known of where they come from.
public struct RecordingFrames: Sendable {
    public let name: ByteString
    /// T.
    public let count: Int
    /// [T, G], row-major; empty where there are features alone.
    public let ids: [Int32]
    /// Length of the recording; nil where it is not known.
    public let samples: Int?
    /// In Hz; nil where it is not known.
    public let sampleRate: Int?
    /// Where the frames stand in their file, from 1; nil in files without lines.
    public let line: Int?
    /// The recording whose length was looked up; nil where the frames' own file tells it, or nothing does.
    public let recording: String?

    /// Units.
    /// - Parameter ids: [T, G], row-major.
    /// - Precondition: `groups` is positive.
    public init(
        name: ByteString, ids: [Int32], groups: Int, samples: Int?, sampleRate: Int?, line: Int? = nil,
        recording: String? = nil
    ) {
        precondition(groups > 0, "\(groups) groups")
        (self.name, self.ids, count) = (name, ids, ids.count / groups)
        (self.samples, self.sampleRate) = (samples, sampleRate)
        (self.line, self.recording) = (line, recording)
    }

    /// Features.
    /// - Parameter count: T.
    public init(name: ByteString, features count: Int, samples: Int? = nil, sampleRate: Int? = nil) {
        (self.name, self.count, ids) = (name, count, [])
        (self.samples, self.sampleRate) = (samples, sampleRate)
        (line, recording) = (nil, nil)
    }

    /// Frames that there may be more or less than the length gives: programs pad in different ways.
    static let tolerance = 2

    /// Checks the frames beside the length of a recording.
    /// - Parameters:
    ///   - recording: what it is called, where the length is not from the frames' own file.
    ///   - path: of the frames, for messages.
    /// - Throws: `EvaluationError` where so many samples give another number of frames.
    public func requireLength(
        _ samples: Int, of recording: String? = nil, _ centres: FrameCentres, path: String
    ) throws(EvaluationError) {
        let expected = centres.frames(samples: samples)
        guard abs(expected - count) > Self.tolerance else { return }
        throw .otherLength(
            path: path, line: line, frames: count, samples: samples, recording: recording, expected: expected)
    }
}
