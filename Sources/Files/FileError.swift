import Foundation

/// A file that could not be read or written, why, and what to do about it, in one line.
public enum FileError: Error, Equatable {
    /// A system call failed.
    /// - Parameters:
    ///   - action: what was attempted, as in "cannot be written".
    ///   - code: its `errno`.
    case system(path: String, action: String, code: Int32)
    case emptyPath
    /// A path with a zero byte, which the system's calls would take for its end.
    case zeroByte(path: String)
    /// A device, a pipe or a socket where a file has to be.
    case notRegular(path: String)
    /// Something else where a folder has to be.
    case notFolder(path: String)
    /// The file became shorter while it was read.
    case shortened(path: String)
    /// The file was committed or given up already.
    case closed(path: String)
    /// What was to be written cannot be: the rest of a sentence.
    case notWritten(path: String, reason: String)
    /// The file is no such file as is needed: the rest of a sentence that begins with its name.
    case unusable(path: String, problem: String)

    package init(_ path: String, _ action: String, code: Int32) {
        self = .system(path: path, action: action, code: code)
    }

    /// Refuses what the system's calls would misread: an empty path, and a path cut short by a zero byte.
    package static func checkPath(_ path: String) throws {
        guard !path.isEmpty else { throw FileError.emptyPath }
        guard !path.utf8.contains(0) else { throw FileError.zeroByte(path: path) }
    }
}

extension FileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let path, let action, let code):
            "\(path) \(action): \(String(cString: strerror(code)))"
                + (Self.remedy(code).map { "; \($0)" } ?? "")
        case .emptyPath: "a file name is empty; give a path"
        case .zeroByte(let path): "\(quoted(path)) is not a path: it contains a zero byte"
        case .notRegular(let path): "\(path) cannot be read: it is not a regular file; copy it to one"
        case .notFolder(let path):
            "\(path) is not a folder; name a folder, several files are written to it"
        case .shortened(let path):
            "\(path) cannot be read: it became shorter meanwhile; use it when it is complete"
        case .closed(let path): "\(path) cannot be written: it was committed or given up already"
        case .notWritten(let path, let reason): "\(path) is not written: \(reason)"
        case .unusable(let path, let problem): "\(path) \(problem)"
        }
    }

    private static func remedy(_ code: Int32) -> String? {
        switch code {
        case ENOSPC, EDQUOT: "free some space or choose another folder"
        case EFBIG: "raise the limit of the size of files (ulimit -f) or choose another file system"
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
}
