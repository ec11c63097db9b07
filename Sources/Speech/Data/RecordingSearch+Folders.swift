import Files
import SystemPackage

extension RecordingSearch {
    /// Whether the suffix is that of a recording.
    static func isRecording(_ path: FilePath) -> Bool {
        path.extension.map { AudioFile.knows(suffix: $0.lowercased()) } ?? false
    }

    /// Searches a folder that was named.
    mutating func search(_ folder: FilePath) {
        var passedOver = PassedOver()
        guard let found = search(folder, relative: FilePath(), &passedOver) else { return }
        if let problem = passedOver.brokenLinks(in: folder) {
            problems.append(problem)
        } else if found == 0, !metCircle {
            problems.append(passedOver.nothing(in: folder))
        }
        if found > 0, let note = passedOver.note(on: folder) { notes.append(note) }
    }

    /// Adds the recordings below a folder, in which every folder is searched once, by whatever links it is reached.
    ///
    /// - Parameter relative: the folder's path below the one that was named.
    /// - Returns: how many there are, those known already included; nil for a folder that cannot be read, which is
    ///   one of the problems then.
    private mutating func search(
        _ folder: FilePath, relative: FilePath, _ passedOver: inout PassedOver
    ) -> Int? {
        let (id, entries): (FileID, [FolderListing.Entry])
        do {
            id = FileID(try folder.stat())
            if let known = searched[id] {
                metCircle = metCircle || isSearching.contains(id)
                return known
            }
            entries = try FolderListing(folder).entries
        } catch {
            problems.append(.unreadable("\(folder)", "\(error)"))
            return nil
        }
        searched[id] = 0
        isSearching.insert(id)
        var found = 0
        for entry in entries {
            let path = folder.appending(entry.name)
            let below = relative.appending(entry.name)
            if entry.kind == .folder {
                found += search(path, relative: below, &passedOver) ?? 0
            } else if entry.kind == .brokenLink, path.extension == nil || Self.isRecording(path) {
                passedOver.brokenLinks.append(path)
            } else if !Self.isRecording(path) {
                passedOver.add(path)
            } else {
                add(Recording(path: path, name: naming.name(below)), in: id)
                found += 1
            }
        }
        isSearching.remove(id)
        searched[id] = found
        return found
    }
}

/// What a search of a folder met and did not take.
struct PassedOver {
    /// Links that lead to nothing, with the suffix of a recording or, as those to folders, with none.
    var brokenLinks: [FilePath] = []
    /// Other files by their suffixes.
    private var counts: [String: Int] = [:]
    /// A list of recordings.
    private var list: FilePath?

    mutating func add(_ path: FilePath) {
        let suffix = path.extension?.lowercased() ?? ""
        counts[suffix, default: 0] += 1
        if list == nil, suffix == "tsv" || path.lastComponent == "wav.scp" { list = path }
    }

    static func brokenLink(_ path: FilePath) -> String {
        "\(path): is a link to a file that is not there: fetch it, or leave it out"
    }

    func brokenLinks(in folder: FilePath) -> DataError? {
        guard let first = brokenLinks.first else { return nil }
        guard brokenLinks.count > 1 else { return .argument(Self.brokenLink(first)) }
        return .argument(
            "\(first): is a link to a file that is not there, as are \(brokenLinks.count - 1) more in \(folder): "
                + "fetch them, or leave them out")
    }

    /// What to say of a folder without recordings.
    func nothing(in folder: FilePath) -> DataError {
        if let list {
            return .empty("\(folder)", "no recordings in this folder, but a list: to use it name \(list)")
        }
        return .empty(
            "\(folder)", "no recordings in this folder" + (counts.isEmpty ? "" : "; its files: \(summary)"))
    }

    /// What to say of a folder of which some files were taken.
    func note(on folder: FilePath) -> String? {
        guard !counts.isEmpty else { return nil }
        return "\(folder): passed over, by their suffixes no recordings: \(summary)"
    }

    /// `12 .txt, 1 .json, 3 others`.
    private var summary: String {
        let named = counts.filter { suffix, _ in
            (1...10).contains(suffix.count)
                && suffix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        }
        let most = named.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
        let others = counts.values.reduce(0, +) - most.reduce(0) { $0 + $1.value }
        let parts = most.map { "\($0.value) .\($0.key)" } + (others > 0 ? ["\(others) others"] : [])
        return parts.joined(separator: ", ")
    }
}
