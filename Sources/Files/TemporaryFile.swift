import CProcess
import Foundation
import Synchronization
import SystemPackage

/// A file that has no name until it is put under one, so that nothing is left of it whatever ends the program.
///
/// Where the file system has no nameless files (Linux: `O_TMPFILE`), it has a hidden name from the start, which
/// is removed with it.
package final class TemporaryFile {
    let descriptor: Int32
    /// Nil while the file has no name.
    private var name: FilePath?

    /// - Parameters:
    ///   - folder: where the file is to appear, or at least to lie.
    ///   - permissions: less those that the process's mask takes away.
    ///   - nameless: false for a name from the start, for tests.
    /// - Returns: nil where it cannot be made, for the reason in `errno`.
    init?(in folder: FilePath, permissions: mode_t, nameless: Bool = true) {
        let flags = O_RDWR | O_CLOEXEC
        var descriptor: Int32 = -1
        #if os(Linux)
            if nameless, access("/proc/self/fd", X_OK) == 0 {
                descriptor = folder.withPlatformString { folder in
                    uninterrupted { open(folder, flags | Self.nameless, permissions) }
                }
                // Old kernels take the flag for that of a folder, some file systems do not know it.
                if descriptor < 0, errno != EOPNOTSUPP, errno != EISDIR, errno != EINVAL { return nil }
            }
        #endif
        if descriptor < 0 {
            let name = Self.name(in: folder)
            descriptor = name.withPlatformString { name in
                uninterrupted { open(name, flags | O_CREAT | O_EXCL, permissions) }
            }
            guard descriptor >= 0 else { return nil }
            self.name = name
            Self.named.withLock { _ = $0.insert(name) }
        }
        self.descriptor = descriptor
        Self.claim(descriptor)
    }

    deinit {
        close(descriptor)
        forgetName()
    }

    /// Takes the name away, for a file that never gets one.
    func forgetName() {
        guard let name else { return }
        _ = name.withPlatformString { unlink($0) }
        Self.named.withLock { _ = $0.remove(name) }
        self.name = nil
    }

    /// Of all that have names, though hidden ones.
    private static let named = Mutex<Set<FilePath>>([])

    /// Removes what has a name, for a program that ends in the midst of its work.
    package static func discardAll() {
        named.withLock { for name in $0 { _ = name.withPlatformString { unlink($0) } } }
    }

    /// Puts the file under a name in its folder, in place of a file that has it.
    /// - Returns: nil, or the `errno` of the call that failed.
    func appear(as destination: FilePath) -> Int32? {
        vq_begin_naming()
        defer { vq_end_naming() }
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
            Self.named.withLock { _ = $0.insert(name) }
        }
        guard let name else { return nil }
        let renamed = name.withPlatformString { old in destination.withPlatformString { rename(old, $0) } }
        guard renamed == 0 else { return errno }
        Self.named.withLock { _ = $0.remove(name) }
        self.name = nil
        return nil
    }

    private func link(to path: FilePath) -> Int32? {
        let linked = path.withPlatformString {
            linkat(AT_FDCWD, "/proc/self/fd/\(descriptor)", AT_FDCWD, $0, AT_SYMLINK_FOLLOW)
        }
        return linked == 0 ? nil : errno
    }

    static func folder(of path: FilePath) -> FilePath {
        let folder = path.removingLastComponent()
        return folder.isEmpty ? "." : folder
    }

    /// Removes what programs left in a folder that were killed between giving a file its hidden name and the rename.
    ///
    /// What a program that is at work has claimed stays. Nothing happens where files have a hidden name from the start:
    /// between that and the claim another program may be making one.
    package static func discardLeftovers(in folder: FilePath) {
        #if os(Linux)
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.string) else {
                return
            }
            let leftovers = names.filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
            guard !leftovers.isEmpty, let file = TemporaryFile(in: folder, permissions: 0o600),
                file.name == nil
            else { return }
            for path in leftovers.map({ folder.appending($0) }) {
                // A pipe of that name is not waited for.
                let descriptor = path.withPlatformString {
                    open($0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                }
                guard descriptor >= 0 else { continue }
                if claim(descriptor) { _ = path.withPlatformString { unlink($0) } }
                close(descriptor)
            }
        #endif
    }

    /// Tells other programs by a lock that a file with a hidden name has an owner, who may be killed: the system lifts the
    /// lock then.
    /// - Returns: whether nobody else has claimed it.
    @discardableResult
    static func claim(_ descriptor: Int32) -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    private static let prefix = ".vqw2v-"
    private static let suffix = ".tmp"

    /// Short whatever the file's name, so that only the rename can find that name too long.
    static func name(in folder: FilePath) -> FilePath {
        folder.appending(prefix + String(UInt64.random(in: 0 ... .max), radix: 16) + suffix)
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
