import Files
import SystemPackage

/// fairseq's list of recordings (`.tsv`): a folder on the first line, then one recording per line,
/// `relative path<TAB>samples`.
public struct Manifest: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// Root and relative path joined.
        public var path: FilePath
        /// As the line has it.
        public var listedPath: FilePath
        /// Length in samples, at the file's own rate.
        public var samples: Int
    }

    public var entries: [Entry]

    /// Reads a manifest. A relative root is relative to the current directory, as in fairseq, or, if there
    /// is none, to the manifest's own folder. The recordings are not looked at; none may lie outside the root.
    ///
    /// - Throws: `DataError` that names the file and the line.
    public static func read(_ path: FilePath) throws(DataError) -> Manifest {
        let list = try ListFile(path: path)
        guard let first = list.lines.first else { throw DataError.empty("\(path)", "lists no recordings") }
        let root = try root(list, first, beside: path.removingLastComponent())
        var entries: [Entry] = []
        for line in list.lines.dropFirst() { entries.append(try entry(list, line, root: root)) }
        guard !entries.isEmpty else { throw DataError.empty("\(path)", "lists no recordings") }
        return Manifest(entries: entries)
    }

    private static func root(
        _ list: ListFile, _ line: ListFile.Line, beside folder: FilePath
    ) throws(DataError) -> FilePath {
        let bytes = line.bytes.trimmingBlanks
        guard !bytes.contains(UInt8(ascii: "\t")) else {
            throw list.problem(at: line, expected: "the folder of the recordings")
        }
        let root = FilePath(bytes)
        if root.isAbsolute || root.isFolder { return root }
        let beside = folder.pushing(root)
        guard beside.isFolder else {
            throw list.problem(
                at: line,
                "no folder \"\(bytes.shown)\", neither here nor beside the manifest: correct the line")
        }
        return beside
    }

    private static func entry(
        _ list: ListFile, _ line: ListFile.Line, root: FilePath
    ) throws(DataError) -> Entry {
        let fields = line.bytes.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        guard fields.count == 2, !fields[0].isEmpty,
            let samples = fields[1].trimmingBlanks.number(Int.self), (1...AudioFile.longest).contains(samples)
        else { throw list.problem(at: line, expected: "\"relative path<TAB>samples\"") }
        let listed = FilePath(fields[0])
        guard NameRule.staysBelow(ByteString(fields[0])) else {
            throw list.problem(
                at: line,
                "\(fields[0].shown) may lead out of the folder in the first line: write one there that holds all "
                    + "(/ does), and no .. here")
        }
        return Entry(path: root.pushing(listed), listedPath: listed, samples: samples)
    }

    /// The text of a manifest that lists recordings by their whole paths, so that it can be read from everywhere.
    /// - Parameters:
    ///   - folder: the one that relative paths are relative to.
    /// - Returns: nil where a line cannot name one of them: a part of a file, or a path with a tab or a line break.
    public static func text(listing utterances: [Utterance], from folder: FilePath) -> [UInt8]? {
        var text = Array("/\n".utf8)
        for utterance in utterances {
            let source = utterance.source
            let path = folder.pushing(source.path).bytes.drop { $0 == UInt8(ascii: "/") }
            guard source.offset == nil, source.part == nil, !source.isStandardInput,
                !path.contains(where: { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\n") })
            else { return nil }
            text += path + Array("\t\(utterance.samples)\n".utf8)
        }
        return text
    }
}
