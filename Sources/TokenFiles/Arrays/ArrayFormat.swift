import Files
import TensorFiles

/// A way to keep an array for each recording under the recording's name: ids or features. The raw value is the
/// format's name on the command line.
public struct ArrayFormat: Sendable {
    public let rawValue: String
    /// What is written, in a few words.
    public let summary: String
    /// What `--output` has to name, for messages.
    let needs: String
    /// Integers up to here are exact in matrices.
    var largestInMatrix = Int.max
    /// Refuses recordings whose names it cannot hold or keep apart, with `OutputError`.
    let check: @Sendable (_ recordings: [RecordingName], _ endings: [String]) throws -> Void
    let location: @Sendable (_ output: String) -> OutputLocation
    /// The files that are written, but for those of a folder.
    let files: @Sendable (_ output: String, _ endings: [String]) -> [String]
    /// Begins the output.
    let open: @Sendable (_ request: Request) throws -> any ArrayWriter

    /// What is to be written.
    struct Request {
        let output: String
        /// Of the names under which a recording's arrays are kept.
        let endings: [String]
        let description: OutputDescription
        let group: OutputGroup
    }
}

extension ArrayFormat: RawRepresentable, CaseIterable, Hashable, CustomStringConvertible {
    public static let allCases: [ArrayFormat] = [.npy, .npz, .safetensors, .kaldi]

    public init?(rawValue: String) {
        guard let format = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = format
    }

    public static func == (left: ArrayFormat, right: ArrayFormat) -> Bool { left.rawValue == right.rawValue }

    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    public var description: String { rawValue }
}

/// What is kept of one recording.
struct OutputArray {
    enum Elements {
        case floats(UnsafeBufferPointer<Float>)
        /// - largest: that there can be, whatever these are.
        case integers([Int32], largest: Int)
    }

    /// The recording's.
    let name: ByteString
    /// What the array is of the recording, behind its name.
    var ending = ""
    let shape: [Int]
    let elements: Elements
}

/// One format's output of arrays.
protocol ArrayWriter: AnyObject {
    /// Writes the arrays of the next recording: the one under its name, then those with endings.
    /// - Throws: `FileError` where the output cannot be written.
    func add(_ arrays: [OutputArray]) throws

    /// Writes what stands at the end of files, which then wait to be published with their group.
    /// - Throws: `FileError`.
    func finish() throws
}
