import Files
import SystemPackage

/// The alignments of many utterances, from files and folders.
public struct AlignmentSet: Sendable {
    /// In the order in which they were found; one for each utterance, with the tiers of all its files.
    public private(set) var alignments: [Alignment] = []
    /// That were read.
    public private(set) var files: [FilePath] = []
    private var places: [ByteString: Int] = [:]
    private let options: AlignmentOptions
    private let naming: RecordingNaming
    /// Folders that were searched.
    private var searched: Set<FileID> = []

    /// Reads files, and folders to any depth: in these TextGrid, phn, wrd, ctm, lab and mlf files. What ends in txt,
    /// csv or tsv may be something else there, and is read where it is named itself or `options` give the format.
    ///
    /// - Parameter naming: how utterances are called that their files do not name, as for recordings.
    /// - Throws: `AlignmentError` that names file and line, `FileError` where one cannot be read, `DataError` where a
    ///   folder cannot.
    public init(
        _ paths: [FilePath], naming: RecordingNaming = .file, options: AlignmentOptions = AlignmentOptions()
    ) throws {
        (self.options, self.naming) = (options, naming)
        for path in paths {
            guard path.isFolder else {
                try add(path, relative: path)
                continue
            }
            let before = files.count
            searched = []
            try search(path, relative: FilePath())
            if files.count == before { throw AlignmentError.noFiles(path: "\(path)") }
        }
    }

    /// The alignment of an utterance; nil where there is none.
    public subscript(utterance: ByteString) -> Alignment? { places[utterance].map { alignments[$0] } }

    private static let endingsInFolders: Set = ["textgrid", "phn", "wrd", "ctm", "lab", "mlf"]

    /// Every folder is searched once, by whatever links it is reached: they may lead in circles.
    private mutating func search(_ folder: FilePath, relative: FilePath) throws {
        let listing: FolderListing
        do {
            guard searched.insert(FileID(try folder.stat())).inserted else { return }
            listing = try FolderListing(folder)
        } catch {
            throw DataError.unreadable("\(folder)", "\(error)")
        }
        for entry in listing.entries {
            let (path, below) = (folder.appending(entry.name), relative.appending(entry.name))
            let ending = path.extension?.lowercased() ?? ""
            if entry.kind == .folder {
                try search(path, relative: below)
            } else if Self.endingsInFolders.contains(ending)
                || options.format != nil && AlignmentFormat.endings.contains(ending)
            {
                try add(path, relative: below)
            }
        }
    }

    private mutating func add(_ path: FilePath, relative: FilePath) throws {
        files.append(path)
        for alignment in try Alignment.read(path, name: naming.name(relative), options: options) {
            guard let place = places[alignment.utterance] else {
                places[alignment.utterance] = alignments.count
                alignments.append(alignment)
                continue
            }
            try alignments[place].add(alignment)
        }
    }
}
