import Files
import SystemPackage

/// Expands what users name as data into recordings: audio files, folders (searched recursively for files
/// with a known suffix, in the order of their names), fairseq manifests (`.tsv`), Kaldi's tables (`.scp`), and
/// `-` for a list of paths on standard input, one on each line.
public struct RecordingSearch: Sendable {
    /// In the order of the arguments; those named twice stand where they were first, but all lines of a list
    /// are kept.
    public private(set) var recordings: [Recording] = []
    /// One for each argument that names nothing, and each folder or list that cannot be used.
    public internal(set) var problems: [DataError] = []
    /// What the user should know of besides, a line each: files of folders that were passed over.
    public internal(set) var notes: [String] = []

    let naming: RecordingNaming
    /// Whether recordings can be met twice, by several arguments.
    private let isMixed: Bool
    /// Recordings met so far, each as a name in a folder: links of other names count as recordings of their own.
    private var seen: Set<Identity> = []
    /// Folders of files that were named or listed, by their paths; nil where there is none.
    private var folders: [FilePath: FileID?] = [:]
    /// Folders that were searched, and how many recordings are below them.
    var searched: [FileID: Int] = [:]
    /// Those that the search is in.
    var isSearching: Set<FileID> = []
    /// Whether one of these was met again.
    var metCircle = false

    /// - Parameter naming: how recordings without a key are called.
    public init(_ arguments: [FilePath], naming: RecordingNaming = .file) {
        self.naming = naming
        isMixed = arguments.count > 1
        for argument in arguments { add(argument) }
        (seen, folders, searched) = ([], [:], [:])
    }

    private mutating func add(_ argument: FilePath) {
        let naming = naming
        guard argument != "-" else {
            return addList { () throws(DataError) in
                let list = try ListFile.standardInput()
                guard !list.lines.isEmpty else { throw DataError.empty(list.name, "lists no recordings") }
                return list.lines.map { Recording(path: FilePath($0.bytes), naming: naming) }
            }
        }
        do {
            if try argument.stat().type == .directory { return search(argument) }
        } catch {
            return problems.append(Self.missing(argument, error))
        }
        switch argument.extension?.lowercased() {
        case "tsv":
            addList { () throws(DataError) in
                try Manifest.read(argument).entries.map {
                    Recording(path: $0.path, name: naming.name($0.listedPath), listedSamples: $0.samples)
                }
            }
        case "scp": addList { () throws(DataError) in try KaldiTables.recordings(argument) }
        default:
            if let problem = MistakenList.problem(argument) {
                problems.append(problem)
            } else {
                add(Recording(path: argument, naming: naming))
            }
        }
    }

    private static func missing(_ argument: FilePath, _ error: Errno) -> DataError {
        guard !argument.isEmpty else {
            return .argument("an argument is empty: name a file, a folder or a list")
        }
        guard error == .noSuchFileOrDirectory else {
            return .unreadable("\(argument)", "\(error)")
        }
        let isLink = (try? argument.stat(followTargetSymlink: false))?.type == .symbolicLink
        return isLink ? .argument(PassedOver.brokenLink(argument)) : .missing("\(argument)")
    }

    /// Lines of a list are counted by whatever goes with it: none is left out.
    private mutating func addList(_ read: () throws(DataError) -> [Recording]) {
        do {
            for recording in try read() { add(recording, evenIfKnown: true) }
        } catch {
            problems.append(error)
        }
    }

    private mutating func add(_ recording: Recording, evenIfKnown: Bool = false) {
        let path = recording.source.path
        let folder = isMixed ? identity(ofFolder: path.removingLastComponent()) : nil
        add(recording, in: folder, evenIfKnown: evenIfKnown)
    }

    /// Adds a recording unless the same file is there already, perhaps by another name of its folder.
    /// - Parameter folder: the one it lies in; nil where there is none.
    mutating func add(_ recording: Recording, in folder: FileID?, evenIfKnown: Bool = false) {
        if isMixed {
            let path = recording.source.path
            let name =
                folder == nil ? path : path.lastComponent.map { FilePath(root: nil, components: $0) } ?? path
            let isNew = seen.insert(Identity(folder: folder, name: name)).inserted
            guard isNew || evenIfKnown else { return }
        }
        recordings.append(recording)
    }

    private mutating func identity(ofFolder path: FilePath) -> FileID? {
        if let known = folders[path] { return known }
        let folder = (try? (path.isEmpty ? "." : path).stat()).map { FileID($0) }
        folders[path] = .some(folder)
        return folder
    }

    private struct Identity: Hashable {
        let folder: FileID?
        /// Where there is no folder, the whole path.
        let name: FilePath
    }
}
