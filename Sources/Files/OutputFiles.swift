import Foundation
import SystemPackage

/// The files that a command is about to write, checked against those that it reads.
package struct OutputFiles {
    /// Resolved names of the files, and what they were called.
    private var files: [FilePath: String] = [:]

    package init() {}

    /// - Throws: `OutputError` where the command would write the file twice.
    package mutating func add(_ path: String) throws {
        if let other = files.updateValue(path, forKey: Self.identity(FilePath(path))) {
            throw OutputError.sameFile(other, path)
        }
    }

    /// - Throws: `OutputError` where one of the inputs would be replaced.
    package func check(against inputs: some Sequence<FilePath>) throws {
        // Most outputs do not exist yet, and what does not exist is no input.
        let existing = files.filter { Self.resolved(FilePath($0.value)) != nil }
        guard !existing.isEmpty else { return }
        for input in inputs {
            if let file = Self.resolved(input), let output = existing[file] {
                throw OutputError.isInput(output)
            }
        }
    }

    /// Whether the path is a device, a pipe or an open descriptor, which has no files beside it.
    package static func isStream(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        if isDescriptor(path) { return true }
        return status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
    }

    /// Whether the path names what the process, or its parent, has open: it is written as it is, not replaced.
    static func isDescriptor(_ path: String) -> Bool {
        ["/dev/fd/", "/dev/std", "/proc/"].contains(where: path.hasPrefix)
    }

    /// Makes the folder of an output where it is missing, as every command does; removes what killed ones have left in it.
    /// - Throws: `FileError` where it cannot be made or written to.
    package static func makeParent(of path: String) throws {
        guard !isStream(path) else { return }
        let parent = TemporaryFile.folder(of: FilePath(path))
        // What is there and no folder is for the file's own error to say.
        guard (try? parent.stat()) == nil else { return TemporaryFile.discardLeftovers(in: parent) }
        try makeFolder(parent)
    }

    /// Makes a folder of outputs where it is missing, and those that it lies in.
    /// - Throws: `FileError` where it cannot be made or written to.
    package static func makeFolder(_ folder: FilePath) throws {
        try FileError.checkPath("\(folder)")
        try makeParent(of: "\(folder)")
        // Jobs that start together may all try.
        guard folder.withPlatformString({ mkdir($0, 0o777) }) == 0 || errno == EEXIST else {
            throw FileError("\(folder)", "cannot be created", code: errno)
        }
        guard folder.isFolder else {
            throw FileError.notFolder(path: "\(folder)")
        }
        guard folder.withPlatformString({ access($0, W_OK | X_OK) }) == 0 else {
            throw FileError("\(folder)", "cannot be written to", code: errno)
        }
        TemporaryFile.discardLeftovers(in: folder)
    }

    /// Makes the folders between one that is there and a file. A link among them would lead elsewhere.
    /// - Throws: `FileError` where one cannot be made or written to, or is a link.
    package static func makeFolders(to file: FilePath, below folder: FilePath) throws {
        let parent = file.removingLastComponent()
        guard parent != folder else { return }
        try makeFolders(to: parent, below: folder)
        guard let status = try? parent.stat(followTargetSymlink: false) else { return try makeFolder(parent) }
        guard status.type != .symbolicLink else {
            throw FileError.unusable(
                path: "\(parent)", problem: "is a link: outputs do not leave \(folder); remove it")
        }
        guard status.type == .directory else { throw FileError.notFolder(path: "\(parent)") }
    }

    /// The file that is written where a path is named: links are followed, also where no file is behind them yet.
    static func destination(of path: FilePath) -> FilePath {
        var path = path
        // As many links as Linux follows.
        for _ in 0..<40 {
            if let file = resolved(path) { return file }
            guard let target = target(of: path) else { break }
            path = TemporaryFile.folder(of: path).pushing(target)
        }
        return path
    }

    /// What a link says; nil where there is none.
    private static func target(of path: FilePath) -> FilePath? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = path.withPlatformString { readlink($0, &bytes, bytes.count - 1) }
        return count > 0 ? FilePath(platformString: bytes) : nil
    }

    /// A path that is the same for all spellings, whether the file exists or not.
    private static func identity(_ path: FilePath) -> FilePath {
        let path = destination(of: path)
        let folder = path.removingLastComponent()
        let parent = resolved(folder.isEmpty ? "." : folder) ?? folder
        return path.lastComponent.map { parent.appending($0) } ?? parent
    }

    /// The file behind a path, by whatever name; nil where there is none.
    static func resolved(_ path: FilePath) -> FilePath? {
        guard let pointer = path.withPlatformString({ realpath($0, nil) }) else { return nil }
        defer { free(pointer) }
        return FilePath(platformString: pointer)
    }
}
