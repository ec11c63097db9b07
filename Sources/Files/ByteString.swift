/// A name as file systems and tables hold it: bytes, which are UTF-8 only by custom.
///
/// A Swift string cannot hold other bytes, and is equal to another where Unicode takes both for the same text (`é` as one
/// character and as two). Names of recordings are kept, compared and written byte for byte.
public struct ByteString: Hashable, Sendable {
    public var bytes: [UInt8]

    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    public init(_ text: String) { self.init(text.utf8) }

    public var isEmpty: Bool { bytes.isEmpty }

    /// Nil where the bytes are not UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }

    public static func + (left: ByteString, right: String) -> ByteString {
        ByteString(left.bytes + Array(right.utf8))
    }
}

extension ByteString: Comparable {
    /// The order of the bytes, as `LC_ALL=C sort` has it.
    public static func < (left: ByteString, right: ByteString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension ByteString: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self.init(text) }
}

extension ByteString: CustomStringConvertible {
    /// For messages: what is not UTF-8 is replaced by U+FFFD.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
