import Files

/// What is made of one recording, in a form in which another process can take it over.
public protocol RecordingItem {
    /// All there is to say of it beside the recording's name and its values.
    var numbers: [Int] { get }

    /// Hands over its values as they lie in memory.
    func withValues<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result

    /// The item again.
    /// - Parameters:
    ///   - numbers: of the item that another process has made.
    ///   - values: likewise.
    init(of recording: RecordingName, numbers: [Int], values: [UInt8])
}
