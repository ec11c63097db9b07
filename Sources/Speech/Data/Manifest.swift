import Foundation

/// fairseq's list of recordings (`.tsv`): a folder on the first line, then one recording per line,
/// `relative path<TAB>samples`.
public struct Manifest: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// Root and relative path joined.
        public var path: String
        /// Length in samples, at the file's own rate.
        public var samples: Int
    }

    public var entries: [Entry]

    /// Reads a manifest. A relative root is relative to the current directory, as in fairseq, or, if there
    /// is none, to the manifest's own folder. The recordings are not looked at.
    ///
    /// - Throws: `DataError` that names the file and the line.
    public static func read(_ path: String) throws(DataError) -> Manifest {
        let list = try ListFile(path: path, kind: "a manifest")
        let root = try root(list)
        var entries: [Entry] = []
        for index in list.lines.indices.dropFirst() {
            entries.append(try entry(list, index, root: root))
        }
        guard !entries.isEmpty else { throw DataError("\(path): lists no recordings") }
        return Manifest(entries: entries)
    }

    private static func root(_ list: ListFile) throws(DataError) -> String {
        let line = list.lines.first ?? ""
        let root = line.trimmingCharacters(in: .whitespaces)
        guard !root.isEmpty, !root.contains("\t") else {
            throw list.problem(at: 0, "expected the folder of the recordings, found \"\(line)\"")
        }
        if root.hasPrefix("/") || isFolder(root) { return root }
        let beside = join((list.name as NSString).deletingLastPathComponent, root)
        guard isFolder(beside) else {
            throw list.problem(
                at: 0, "no folder \"\(root)\", neither here nor beside the manifest: correct the line")
        }
        return beside
    }

    private static func entry(_ list: ListFile, _ index: Int, root: String) throws(DataError) -> Entry {
        let fields = list.lines[index].split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 2, !fields[0].isEmpty,
            let samples = Int(fields[1].trimmingCharacters(in: .whitespaces)),
            (1...AudioFile.longest).contains(samples)
        else {
            throw list.problem(
                at: index, "expected \"relative path<TAB>samples\", found \"\(list.lines[index])\"")
        }
        return Entry(path: join(root, String(fields[0])), samples: samples)
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func join(_ folder: String, _ name: String) -> String {
        if folder.isEmpty || name.hasPrefix("/") { return name }
        return folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }
}
