import Files

/// An output of the model for one recording: a row for each frame.
public struct FeatureMatrix {
    public let recording: RecordingName
    /// T.
    public let frames: Int
    /// D.
    public let channels: Int
    /// [T, D], row-major.
    let values: UnsafeBufferPointer<Float>
    /// Whose memory `values` are.
    private let owner: AnyObject?

    /// - Parameter owner: keeps `values` alive; nil where whoever uses the matrix does.
    /// - Precondition: `values` are `frames` times `channels`.
    public init(
        _ recording: RecordingName, frames: Int, channels: Int, values: UnsafeBufferPointer<Float>,
        owner: AnyObject? = nil
    ) {
        precondition(values.count == frames * channels, "values are [frames, channels]")
        (self.recording, self.frames, self.channels) = (recording, frames, channels)
        (self.values, self.owner) = (values, owner)
    }

    /// As formats of arrays take it.
    func withArray(_ body: (OutputArray) throws -> Void) rethrows {
        try withExtendedLifetime(owner) {
            try body(OutputArray(name: recording.name, shape: [frames, channels], elements: .floats(values)))
        }
    }
}

extension FeatureMatrix: RecordingItem {
    public var numbers: [Int] { [frames, channels] }

    public func withValues<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(owner) { try body(UnsafeRawBufferPointer(values)) }
    }

    public init(of recording: RecordingName, numbers: [Int], values: [UInt8]) {
        let owner = Values(values)
        self.init(
            recording, frames: numbers[0], channels: numbers[1], values: UnsafeBufferPointer(owner.values),
            owner: owner)
    }

    /// Memory for values that came as bytes.
    private final class Values {
        let values: UnsafeMutableBufferPointer<Float>

        init(_ bytes: [UInt8]) {
            values = .allocate(capacity: bytes.count / 4)
            UnsafeMutableRawBufferPointer(values).copyBytes(from: bytes)
        }

        deinit { values.deallocate() }
    }
}
