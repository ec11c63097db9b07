import Foundation

/// Expands what users name as data into recordings: audio files, folders (searched recursively for files
/// with a known suffix, in the order of their names), fairseq manifests (`.tsv`), Kaldi's tables (`.scp`), and
/// `-` for a list of paths on standard input, one on each line.
public struct RecordingSearch: Sendable {
    /// Suffixes by which a folder's recordings are known, in lower case.
    public static let suffixes: Set<String> = [
        "wav", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au", "rf64",
    ]

    /// In the order of the arguments; those named twice stand where they were first, but all lines of a list
    /// are kept.
    public private(set) var recordings: [Recording] = []
    /// One for each argument that names nothing, and each folder or list that cannot be used.
    public private(set) var problems: [DataError] = []

    private var seen: Set<String> = []
    private var realFolders: [String: String] = [:]

    public init(_ arguments: [String]) {
        for argument in arguments { add(argument) }
        seen = []
        realFolders = [:]
    }

    private mutating func add(_ argument: String) {
        var isFolder: ObjCBool = false
        if argument == "-" {
            addList { () throws(DataError) in try Self.listOnStandardInput() }
        } else if !FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder) {
            problems.append(DataError("\(argument): no such file or folder"))
        } else if isFolder.boolValue {
            var ancestors: Set<String> = []
            if let found = search(argument, ancestors: &ancestors), found == 0 {
                problems.append(
                    DataError(
                        "\(argument): no recordings in this folder (\(Self.suffixes.sorted().joined(separator: ", ")))"
                    ))
            }
        } else if argument.lowercased().hasSuffix(".tsv") {
            addList { () throws(DataError) in
                try Manifest.read(argument).entries.map {
                    Recording(path: $0.path, listedSamples: $0.samples)
                }
            }
        } else if argument.lowercased().hasSuffix(".scp") {
            addList { () throws(DataError) in try KaldiTables.recordings(argument) }
        } else {
            add(Recording(path: argument))
        }
    }

    /// Lines of a list are counted by whatever goes with it: none is left out.
    private mutating func addList(_ read: () throws(DataError) -> [Recording]) {
        do {
            for recording in try read() { add(recording, evenIfKnown: true) }
        } catch {
            problems.append(error)
        }
    }

    private static func listOnStandardInput() throws(DataError) -> [Recording] {
        let list = try ListFile.standardInput()
        guard !list.lines.isEmpty else { throw DataError("\(list.name): lists no recordings") }
        if let empty = list.lines.firstIndex(where: \.isEmpty) {
            throw list.problem(at: empty, "expected a path, found an empty line")
        }
        return list.lines.map { Recording(path: String($0)) }
    }

    /// Adds the recordings below a folder and returns how many there are, those known already included;
    /// nil if it cannot be read, which is noted. Hidden files are passed over; links are followed, but not
    /// to a folder that the search is in.
    private mutating func search(_ folder: String, ancestors: inout Set<String>) -> Int? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            problems.append(DataError("\(folder): this folder cannot be read"))
            return nil
        }
        let identity = realPath(ofFolder: folder)
        guard ancestors.insert(identity).inserted else { return 0 }
        defer { ancestors.remove(identity) }

        var found = 0
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                found += search(path, ancestors: &ancestors) ?? 0
            } else if Self.suffixes.contains((name as NSString).pathExtension.lowercased()) {
                add(Recording(path: path))
                found += 1
            }
        }
        return found
    }

    /// Adds a recording unless the same file is there already, perhaps by another name of its folder.
    private mutating func add(_ recording: Recording, evenIfKnown: Bool = false) {
        let path = recording.source.path as NSString
        let identity = "\(realPath(ofFolder: path.deletingLastPathComponent))/\(path.lastPathComponent)"
        if seen.insert(identity).inserted || evenIfKnown { recordings.append(recording) }
    }

    private mutating func realPath(ofFolder folder: String) -> String {
        if let known = realFolders[folder] { return known }
        var resolved = folder
        if let pointer = realpath(folder.isEmpty ? "." : folder, nil) {
            resolved = String(cString: pointer)
            free(pointer)
        }
        realFolders[folder] = resolved
        return resolved
    }
}
