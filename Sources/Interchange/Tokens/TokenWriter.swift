import Foundation

/// Takes the ids of one file after the other, in the order of the inputs.
public protocol TokenWriter: AnyObject {
    /// - Throws: `FileError` when the output cannot be written, `TokenFormatError` for a path that the format
    ///   cannot hold.
    func write(_ utterance: TokenizedUtterance) throws

    /// Takes note of an input that has no ids. Formats whose lines are counted leave an empty one.
    /// - Throws: as `write`.
    func skip(path: String) throws

    /// Makes the output final; without it a line file does not appear.
    /// - Throws: `FileError`.
    func finish() throws
}

/// Output that a format cannot express, and what to use instead.
public struct TokenFormatError: Error, CustomStringConvertible, Equatable {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// How ids are written. The raw value is the format's name on the command line.
public enum TokenFormat: String, CaseIterable, Sendable {
    /// `path<TAB>3-17 3-17 250-4`: frames separated by spaces, groups by `-`.
    case tsv
    /// fairseq's `.src`: the same without the path, one line per input in order.
    case fairseq
    /// `{"path":…,"samples":…,"rate":…,"frames":T,"ids":[[3,17],…]}`, one line per input.
    case jsonl
    /// A folder with one int32 array [T, G] per input.
    case npy

    /// Starts an output, having refused what could not be finished.
    /// - Parameters:
    ///   - paths: of all inputs, in order.
    ///   - output: a file, or the folder of `npy`; nil for standard output.
    /// - Throws: `TokenFormatError` for paths that the format cannot hold or keep apart, `FileError` for an
    ///   output that cannot be written.
    public func writer(paths: [String], output: String?) throws -> any TokenWriter {
        if let output, let file = Self.resolved(output), paths.contains(where: { Self.resolved($0) == file })
        {
            throw TokenFormatError("\(output) is an input; give the output another name")
        }
        switch self {
        case .tsv: return try TokenLineWriter(TabbedLines(), paths: paths, output: output)
        case .fairseq: return try TokenLineWriter(FairseqLines(), paths: paths, output: output)
        case .jsonl: return try TokenLineWriter(JSONLines(), paths: paths, output: output)
        case .npy:
            guard let output else {
                throw TokenFormatError(
                    "the format npy writes one file per input; name an output folder for them")
            }
            return try NumpyTokenWriter(paths: paths, folder: output)
        }
    }

    /// The file behind a path, by whatever name; nil where there is none.
    private static func resolved(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}
