import Files

/// The ids of one audio file.
public struct TokenizedUtterance: Equatable, Sendable {
    /// As the user or the manifest gave it.
    public let path: ByteString
    /// The utterance's id, by which formats with keys know it.
    public let name: ByteString
    /// Length of the audio that was tokenized, at `sampleRate`.
    public let samples: Int
    /// In Hz.
    public let sampleRate: Int
    /// Channels of the recording, whose mean was tokenized.
    public let channels: Int
    /// G, ids per frame.
    public let groups: Int
    /// [T, G], row-major.
    public let ids: [Int32]

    /// T.
    public var frames: Int { ids.count / groups }

    /// - Parameter name: nil for the last component of the path without its extension.
    /// - Precondition: `groups` is positive and divides the number of `ids`.
    public init(
        path: ByteString, name: ByteString? = nil, samples: Int, sampleRate: Int, channels: Int = 1,
        groups: Int, ids: [Int32]
    ) {
        precondition(groups > 0 && ids.count.isMultiple(of: groups), "ids are [T, groups]")
        self.path = path
        self.name = RecordingName(path: path, name: name).name
        (self.samples, self.sampleRate, self.channels) = (samples, sampleRate, channels)
        (self.groups, self.ids) = (groups, ids)
    }
}

extension TokenizedUtterance: RecordingItem {
    public var numbers: [Int] { [samples, sampleRate, channels, groups] }

    public func withValues<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try ids.withUnsafeBytes(body)
    }

    public init(of recording: RecordingName, numbers: [Int], values: [UInt8]) {
        var ids = [Int32](repeating: 0, count: values.count / 4)
        ids.withUnsafeMutableBytes { $0.copyBytes(from: values) }
        self.init(
            path: recording.path, name: recording.name, samples: numbers[0], sampleRate: numbers[1],
            channels: numbers[2], groups: numbers[3], ids: ids)
    }
}
