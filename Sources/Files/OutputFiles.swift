import Foundation

/// The files that a command is about to write, checked against those that it reads.
package struct OutputFiles {
    /// Resolved names of the files, and what they were called.
    private var files: [String: String] = [:]

    package init() {}

    /// - Throws: `OutputError` where the command would write the file twice.
    package mutating func add(_ path: String) throws {
        if let other = files.updateValue(path, forKey: Self.identity(path)) {
            throw OutputError("\(other) and \(path) are one file, to be written twice; rename one of them")
        }
    }

    /// - Throws: `OutputError` where one of the inputs would be replaced.
    package func check(against inputs: some Sequence<String>) throws {
        // Most outputs do not exist yet, and what does not exist is no input.
        let existing = files.filter { Self.resolved($0.value) != nil }
        guard !existing.isEmpty else { return }
        for input in inputs {
            if let file = Self.resolved(input), let output = existing[file] {
                throw OutputError("\(output) is an input; give the output another name")
            }
        }
    }

    /// Whether the path is a device or a pipe, which has no files beside it.
    package static func isStream(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
    }

    /// Makes a folder of outputs where it is missing.
    /// - Throws: `FileError` where it cannot be made or written to.
    package static func makeFolder(_ folder: String) throws {
        try FileError.checkPath(folder)
        // Jobs that start together may all try.
        guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
            throw FileError(folder, "cannot be created", code: errno)
        }
        var status = stat()
        if stat(folder, &status) != 0 || status.st_mode & S_IFMT != S_IFDIR {
            throw FileError.notFolder(path: folder)
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw FileError(folder, "cannot be written to", code: errno)
        }
    }

    /// A name that is the same for all spellings of a path, whether the file exists or not.
    private static func identity(_ path: String) -> String {
        if let file = resolved(path) { return file }
        guard let slash = path.lastIndex(of: "/") else { return (resolved(".") ?? ".") + "/" + path }
        let folder = String(path[...slash])
        return (resolved(folder) ?? folder) + "/" + path[path.index(after: slash)...]
    }

    /// The file behind a path, by whatever name; nil where there is none.
    private static func resolved(_ path: String) -> String? {
        guard let pointer = realpath(path, nil) else { return nil }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}

/// An output that cannot be written as asked, and what to ask for instead, in one line.
public struct OutputError: Error, CustomStringConvertible, Equatable {
    public let description: String

    public init(_ description: String) { self.description = description }
}
