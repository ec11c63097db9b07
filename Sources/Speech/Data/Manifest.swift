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
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DataError("\(path): cannot be read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw DataError("\(path): is not a manifest: it is not UTF-8 text")
        }
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
        let root = try root(String(lines.first ?? ""), manifest: path)
        var entries: [Entry] = []
        for (index, line) in lines.enumerated().dropFirst() {
            entries.append(try entry(line, root: root, place: "\(path):\(index + 1)"))
        }
        guard !entries.isEmpty else { throw DataError("\(path): lists no recordings") }
        return Manifest(entries: entries)
    }

    private static func root(_ line: String, manifest: String) throws(DataError) -> String {
        let root = line.trimmingCharacters(in: .whitespaces)
        guard !root.isEmpty, !root.contains("\t") else {
            throw DataError("\(manifest):1: expected the folder of the recordings, found \"\(line)\"")
        }
        if root.hasPrefix("/") || isFolder(root) { return root }
        let beside = join((manifest as NSString).deletingLastPathComponent, root)
        guard isFolder(beside) else {
            throw DataError(
                "\(manifest):1: no folder \"\(root)\", neither here nor beside the manifest: correct the line"
            )
        }
        return beside
    }

    private static func entry(_ line: Substring, root: String, place: String) throws(DataError) -> Entry {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 2, !fields[0].isEmpty,
            let samples = Int(fields[1].trimmingCharacters(in: .whitespaces)),
            (1...AudioFile.longest).contains(samples)
        else {
            throw DataError("\(place): expected \"relative path<TAB>samples\", found \"\(line)\"")
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
