import Files

/// An output of the model for one recording: a row for each frame.
public struct FeatureMatrix {
    public let recording: RecordingName
    /// T.
    public let frames: Int
    /// D.
    public let channels: Int
    /// [T, D], row-major; valid only during the call that it is handed to.
    let values: UnsafeBufferPointer<Float>

    /// - Precondition: `values` are `frames` times `channels`.
    public init(
        _ recording: RecordingName, frames: Int, channels: Int, values: UnsafeBufferPointer<Float>
    ) {
        precondition(values.count == frames * channels, "values are [frames, channels]")
        (self.recording, self.frames, self.channels) = (recording, frames, channels)
        self.values = values
    }
}

/// One format's output of features.
protocol FeatureWriter: AnyObject {
    /// - Throws: `FileError` when the output cannot be written.
    func write(_ matrix: FeatureMatrix) throws

    /// Makes the output final; without it nothing appears but the files of `npy`.
    /// - Throws: `FileError`.
    func finish(_ description: OutputDescription) throws
}
