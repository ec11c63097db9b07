import Files
import SystemPackage
import TensorFiles

/// Where an output lies, and where it says what made it.
public struct OutputLocation: Equatable, Sendable {
    enum Description: Equatable, Sendable {
        /// A device or a pipe has none.
        case none
        case beside(String)
        /// In the metadata of a safetensors file.
        case inside
    }

    /// As the user gave it.
    public let path: String
    /// The file that appears last: where it is there, the output is complete. Nil for devices and pipes, and for
    /// a folder, whose files are complete one by one.
    public let lastFile: String?
    /// Of files that appear one by one.
    public let folder: String?
    let description: Description

    private init(_ path: String, lastFile: String?, folder: String?, _ description: Description) {
        (self.path, self.lastFile, self.folder, self.description) = (path, lastFile, folder, description)
    }

    /// One file, or a device.
    static func file(_ path: String, holdsDescription: Bool = false) -> OutputLocation {
        guard !OutputFiles.isStream(path) else {
            return OutputLocation(path, lastFile: nil, folder: nil, .none)
        }
        return OutputLocation(
            path, lastFile: path, folder: nil, holdsDescription ? .inside : .beside(sidecar(path)))
    }

    /// An archive with an index.
    static func archive(_ path: String, _ paths: ArkPaths) -> OutputLocation {
        OutputLocation(path, lastFile: paths.index, folder: nil, .beside(sidecar(paths.archive)))
    }

    static func folder(_ path: String) -> OutputLocation {
        OutputLocation(path, lastFile: nil, folder: path, .beside(sidecar(path)))
    }

    /// The description beside a file or a folder: its name and `.json`.
    static func sidecar(_ output: String) -> String {
        var name = output[...]
        while name.count > 1, name.last == "/" { name.removeLast() }
        return name + ".json"
    }

    /// The file of the description where that is not the output itself.
    var sidecar: String? { if case .beside(let path) = description { path } else { nil } }

    /// Whether what is written is shown while it is.
    public var isTerminal: Bool {
        guard lastFile == nil, folder == nil, let status = try? FilePath(path).stat() else { return false }
        return status.type == .characterSpecial && path != "/dev/null"
    }

    /// Refuses `.` and its like, beside which no description can stand.
    /// - Throws: `OutputError`.
    func checkName() throws {
        guard lastFile != nil || folder != nil else { return }
        try Self.checkName(path, isFolder: folder != nil)
    }

    /// - Throws: `OutputError`.
    static func checkName(_ path: String, isFolder: Bool) throws {
        let last = FilePath(path).components.last
        guard !path.isEmpty, last?.kind == .regular, isFolder || !path.hasSuffix("/") else {
            let kind = isFolder ? "a folder" : "a file"
            throw OutputError.noName(path, kind: kind)
        }
    }

    /// What is there says about how it was made.
    enum Record {
        case none
        /// A file that no output of this program has left.
        case foreign(String)
        case description(OutputDescription.Record)
    }

    /// - Throws: `FileError` where it cannot be read.
    func record() throws -> Record {
        switch description {
        case .none: return .none
        case .beside(let path):
            guard Self.exists(path) else { return .none }
            return try OutputDescription.Record(path: path).map(Record.description) ?? .foreign(path)
        case .inside:
            guard Self.exists(path) else { return .none }
            return try OutputDescription.Record(safetensors: path).map(Record.description) ?? .foreign(path)
        }
    }

    /// Whether there is anything of that name, a link that leads nowhere included.
    static func exists(_ path: String) -> Bool { exists(FilePath(path)) }

    static func exists(_ path: FilePath) -> Bool { (try? path.stat(followTargetSymlink: false)) != nil }
}
