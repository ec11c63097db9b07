import Files

/// What a command makes of recordings and writes, one after the other: tokens or features.
public protocol RecordingOutput: AnyObject {
    /// Of one recording.
    associatedtype Item: RecordingItem

    /// Writes what was made of the next recording.
    /// - Throws: `FileError` where the output cannot be written.
    func write(_ item: Item) throws

    /// Takes note that nothing can be made of the next recording.
    /// - Throws: as `write`.
    func skip(path: ByteString) throws

    /// Takes note of recordings that are missing because the system did not let them be read: the output says so, and a
    /// repeated command does not take it for complete.
    func noteUnread(_ count: Int)

    /// Puts everything on the disk, where it waits for `publish()`.
    /// - Throws: `FileError`; nothing has appeared then but the files of a folder, which do one by one.
    func prepare() throws

    /// Makes all files appear, the output last: where it is there, so are the others.
    /// - Throws: `FileError`.
    func publish() throws
}

extension RecordingOutput {
    /// - Throws: `FileError`.
    public func finish() throws {
        try prepare()
        try publish()
    }
}
