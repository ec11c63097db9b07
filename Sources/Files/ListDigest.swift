/// A short digest of a list of recordings, by which another list is noticed: FNV-1a (Fowler, Noll and Vo) with 64 bits. It guards
/// against mistakes, not against intent.
package struct ListDigest {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    package init() {}

    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// Ends a part of the list.
    package mutating func endPart() { hash = (hash ^ 0xFF) &* 0x100_0000_01B3 }

    /// Its lower half, for numbers that follow from names.
    package var number: Int { Int(truncatingIfNeeded: hash & 0xFFFF_FFFF) }

    /// In hexadecimal.
    package var text: String { String(hash, radix: 16) }
}
