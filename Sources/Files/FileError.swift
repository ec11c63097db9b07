import Foundation

/// A file that could not be read or written, why, and what to do about it, in one line.
public struct FileError: Error, CustomStringConvertible, Equatable {
    public let description: String

    public init(_ description: String) { self.description = description }

    /// - Parameters:
    ///   - action: what was attempted, as in "cannot be written".
    ///   - code: the `errno` of the failed system call.
    package init(_ path: String, _ action: String, code: Int32) {
        let reason = String(cString: strerror(code))
        description = "\(path) \(action): \(reason)" + (Self.remedy(code).map { "; \($0)" } ?? "")
    }

    private static func remedy(_ code: Int32) -> String? {
        switch code {
        case ENOSPC, EDQUOT: "free some space or choose another folder"
        case EACCES, EPERM: "check the permissions of the file and its folder"
        case EROFS: "choose a folder that can be written to"
        case ENOENT: "check the path; folders must exist already"
        case ENOTDIR: "a part of the path is a file, not a folder"
        case EISDIR: "it is a folder; give the name of a file"
        case ENAMETOOLONG: "choose a shorter name"
        case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
        case EIO: "check the disk"
        default: nil
        }
    }

    /// Refuses what the system's calls would misread: an empty path, and a path cut short by a zero byte.
    package static func checkPath(_ path: String) throws {
        guard !path.isEmpty else { throw FileError("a file name is empty; give a path") }
        guard !path.utf8.contains(0) else {
            throw FileError("\(quoted(path)) is not a path: it contains a zero byte")
        }
    }
}
