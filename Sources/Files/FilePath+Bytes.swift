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
        let bytes = bytes
        let (start, end) = Self.boundsOfStem(bytes)
        return ByteString(bytes[start..<end])
    }

    /// The path without the extension of its last component.
    public var withoutExtension: FilePath {
        let bytes = bytes
        let end = Self.boundsOfStem(bytes).end
        return end == bytes.count ? self : FilePath(bytes[..<end])
    }

    /// Where the last component begins and its extension, as Python's `os.path.splitext` takes it off: dots at the
    /// start of a name begin no extension.
    private static func boundsOfStem(_ bytes: [UInt8]) -> (start: Int, end: Int) {
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let name = bytes[start...].drop { $0 == UInt8(ascii: ".") }
        return (start, name.lastIndex(of: UInt8(ascii: ".")) ?? bytes.count)
    }

    /// Whether there is a folder of that name, perhaps behind links.
    public var isFolder: Bool { (try? stat())?.type == .directory }

    /// Whether there is a regular file of that name, perhaps behind links.
    public var isFile: Bool { (try? stat())?.type == .regular }
}

extension ByteString {
    public init(_ path: FilePath) { self.init(path.bytes) }
}
