import Foundation

/// A file that has no name until it is put under one, so that nothing is left of it whatever ends the program.
///
/// Where the file system has no nameless files (Linux: `O_TMPFILE`), it has a hidden name from the start, which
/// is removed with it.
final class TemporaryFile {
    let descriptor: Int32
    /// Nil while the file has no name.
    private var name: String?

    /// - Parameters:
    ///   - folder: where the file is to appear, or at least to lie.
    ///   - permissions: less those that the process's mask takes away.
    ///   - nameless: false for a name from the start, for tests.
    /// - Returns: nil where it cannot be made, for the reason in `errno`.
    init?(in folder: String, permissions: mode_t, nameless: Bool = true) {
        let flags = O_RDWR | O_CLOEXEC
        var descriptor: Int32 = -1
        #if os(Linux)
            if nameless, access("/proc/self/fd", X_OK) == 0 {
                descriptor = uninterrupted { open(folder, flags | Self.nameless, permissions) }
                // Old kernels take the flag for that of a folder, some file systems do not know it.
                if descriptor < 0, errno != EOPNOTSUPP, errno != EISDIR, errno != EINVAL { return nil }
            }
        #endif
        if descriptor < 0 {
            let name = Self.name(in: folder)
            descriptor = uninterrupted { open(name, flags | O_CREAT | O_EXCL, permissions) }
            guard descriptor >= 0 else { return nil }
            self.name = name
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
        if let name { unlink(name) }
    }

    /// Takes the name away, for a file that never gets one.
    func forgetName() {
        if let name { unlink(name) }
        name = nil
    }

    /// Puts the file under a name in its folder, in place of a file that has it.
    /// - Returns: nil, or the `errno` of the call that failed.
    func appear(as destination: String) -> Int32? {
        if name == nil {
            if let code = link(to: destination) {
                guard code == EEXIST else { return code }
            } else {
                return nil
            }
            // A link cannot replace a file, only a renamed file can: it has a name of its own for that moment.
            let name = Self.name(in: Self.folder(of: destination))
            if let code = link(to: name) { return code }
            self.name = name
        }
        guard let name else { return nil }
        guard rename(name, destination) == 0 else { return errno }
        self.name = nil
        return nil
    }

    private func link(to path: String) -> Int32? {
        linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? nil : errno
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Short whatever the file's name, so that only the rename can find that name too long.
    private static func name(in folder: String) -> String {
        folder + "/.vqw2v-\(String(UInt64.random(in: 0 ... .max), radix: 16)).tmp"
    }

    /// `O_TMPFILE`, which Swift does not import: its own bit and that of `O_DIRECTORY`.
    private static let nameless: Int32 = 0o20000000 | O_DIRECTORY
}

/// Makes a system call again for as long as signals interrupt it.
package func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// Bytes on their way to a descriptor, 64 KiB at a time.
struct WriteBuffer {
    private var bytes: [UInt8] = []

    private static let size = 1 << 16

    /// - Returns: nil, or the `errno` of the call that failed.
    mutating func write(_ more: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
        if bytes.count + more.count > Self.size, let code = flush(to: descriptor) { return code }
        if more.count > Self.size { return writeAll(more, to: descriptor) }
        bytes.append(contentsOf: more)
        return nil
    }

    /// - Returns: as `write`.
    mutating func flush(to descriptor: Int32) -> Int32? {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    }
}
