import Foundation
import SystemPackage

extension FilePath {
    /// The path that the bytes spell, up to the first that is zero: no path can hold one.
    public init(_ bytes: some Collection<UInt8>) {
        self = (Array(bytes) + [0]).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                // There is at least the zero.
                text.baseAddress.map { FilePath(platformString: $0) } ?? FilePath()
            }
        }
    }

    public init(_ name: ByteString) { self.init(name.bytes) }

    public var bytes: [UInt8] {
        withPlatformString { [UInt8](UnsafeRawBufferPointer(start: $0, count: length)) }
    }

    /// Joins a name below this folder, whatever its bytes: `a` and `b/c` give `a/b/c`.
    public func appending(_ name: ByteString) -> FilePath {
        isEmpty ? FilePath(name) : FilePath(bytes + [UInt8(ascii: "/")] + name.bytes)
    }

    /// The last component without its extension: `b.c` of `a/b.c.wav`.
    public var nameWithoutExtension: ByteString {
        ByteString(withoutExtension.bytes.split(separator: UInt8(ascii: "/")).last ?? [])
    }

    /// The path without the extension of its last component, as Python's `os.path.splitext` takes it off: dots at
    /// the start of a name begin no extension.
    public var withoutExtension: FilePath {
        let bytes = bytes
        let name = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let dots = bytes[name...].prefix { $0 == UInt8(ascii: ".") }
        guard let dot = bytes[dots.endIndex...].lastIndex(of: UInt8(ascii: ".")) else { return self }
        return FilePath(bytes[..<dot])
    }

    /// Whether there is a folder of that name, perhaps behind links.
    public var isFolder: Bool { (try? stat())?.type == .directory }

    /// Whether there is a regular file of that name, perhaps behind links.
    public var isFile: Bool { (try? stat())?.type == .regular }
}

extension ByteString {
    public init(_ path: FilePath) { self.init(path.bytes) }
}
