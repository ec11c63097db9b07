import Files
import Foundation
import SystemPackage

/// The entries of a folder by the bytes of their names, hidden ones left out.
struct FolderListing {
    enum Kind {
        /// A file, and whatever else can be opened.
        case file
        case folder
        /// A link that leads to nothing.
        case brokenLink
    }

    typealias Entry = (name: ByteString, kind: Kind)

    /// In the order of the names' bytes.
    let entries: [Entry]

    /// - Throws: `Errno` where the folder cannot be read to its end.
    init(_ folder: FilePath) throws(Errno) {
        guard let stream = folder.withPlatformString({ opendir($0) }) else { throw Errno(rawValue: errno) }
        defer { closedir(stream) }
        var entries: [Entry] = []
        var failure: Int32
        while true {
            // The end and a failure differ in this alone.
            errno = 0
            let next = readdir(stream)
            failure = errno
            guard let entry = next else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { ByteString($0.prefix { $0 != 0 }) }
            guard name.bytes.first != UInt8(ascii: ".") else { continue }
            switch Int(entry.pointee.d_type) {
            case DT_REG: entries.append((name, .file))
            case DT_DIR: entries.append((name, .folder))
            default: entries.append((name, Self.kind(folder.appending(name))))
            }
        }
        guard failure == 0 else { throw Errno(rawValue: failure) }
        self.entries = entries.sorted { $0.name < $1.name }
    }

    /// Of a link, of what is neither file nor folder, or where the file system does not say.
    private static func kind(_ path: FilePath) -> Kind {
        do {
            return try path.stat().type == .directory ? .folder : .file
        } catch {
            // What is there and cannot be looked at is told when it is read.
            return [.noSuchFileOrDirectory, .tooManySymbolicLinkLevels, .notDirectory].contains(error)
                ? .brokenLink : .file
        }
    }
}
