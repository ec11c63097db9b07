/// The ids of one audio file.
public struct TokenizedUtterance: Equatable, Sendable {
    /// As the user or the manifest gave it.
    public let path: String
    /// Length of the audio that was tokenized, at `sampleRate`.
    public let samples: Int
    /// In Hz.
    public let sampleRate: Int
    /// G, ids per frame.
    public let groups: Int
    /// [T, G], row-major.
    public let ids: [Int32]

    /// T.
    public var frames: Int { ids.count / groups }

    /// - Precondition: `groups` is positive and divides the number of `ids`.
    public init(path: String, samples: Int, sampleRate: Int, groups: Int, ids: [Int32]) {
        precondition(groups > 0 && ids.count.isMultiple(of: groups), "ids are [T, groups]")
        (self.path, self.samples, self.sampleRate) = (path, samples, sampleRate)
        (self.groups, self.ids) = (groups, ids)
    }
}
