import Files
import SystemPackage

/// The files of one output, which appear together when all are whole: the descriptions, which say whose the others
/// are, then what goes with the output, and the output itself last. So where an output is there, everything is, and
/// nothing beside it is newer than it; and a command that was killed can be repeated.
final class OutputGroup {
    /// In the order in which files appear.
    enum Role: Int { case description, companion, output }

    /// Written with the others, and so as it is when these are prepared.
    var description: OutputDescription
    private var files: [(role: Role, file: AtomicFile)] = []

    init(_ description: OutputDescription) { self.description = description }

    /// Begins a file, in a folder that is made where it is missing. It appears with the group, not with its
    /// `commit()`, and after the files of its role that were begun before it.
    /// - Parameter isNamed: whether the user gave the name; a link of another name is not followed.
    /// - Throws: `FileError` where it cannot be written.
    func begin(_ path: String, _ role: Role, isNamed: Bool = false) throws -> any ByteOutput {
        try OutputFiles.makeParent(of: path)
        let file = try AtomicFile(path: path, followsLinks: isNamed)
        files.append((role, file))
        return Member(file: file)
    }

    /// Puts all files on the disk, descriptions included, where they wait for their names.
    /// - Throws: `FileError`; no file has appeared then.
    func prepare() throws {
        for (role, file) in files {
            if role == .description { try description.write(to: file) }
            try file.prepare()
        }
    }

    /// Gives the files their names.
    /// - Parameters:
    ///   - obsolete: files of an earlier output of this name that it has no longer.
    ///   - check: called when no other program can give names any more.
    /// - Throws: `FileError`; all is as it was then. What `check` throws.
    func publish(removing obsolete: [String] = [], check: () throws -> Void = {}) throws {
        // An array has no stable sort.
        let ordered = files.enumerated().sorted {
            ($0.element.role.rawValue, $0.offset) < ($1.element.role.rawValue, $1.offset)
        }.map(\.element)
        try AtomicFile.commit(
            ordered.map(\.file), removing: obsolete.map { FilePath($0) }, check: check)
    }

    /// What formats write to: it appears with the others.
    private final class Member: ByteOutput {
        private let file: AtomicFile

        init(file: AtomicFile) { self.file = file }

        func write(_ bytes: UnsafeRawBufferPointer) throws { try file.write(bytes) }

        func commit() {}
    }
}
