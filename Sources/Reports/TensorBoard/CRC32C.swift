/// The cyclic redundancy check with Castagnoli's polynomial (RFC 3720, appendix B.4), which frames TensorBoard's records.
enum CRC32C {
    /// The remainder of each byte; the polynomial 0x1EDC6F41 with its bits reversed.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 0 ? 0 : 0x82F6_3B78) }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }

    /// Rotated and shifted, as TFRecord files hold it: a checksum of data that hold their own checksum says little.
    static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let sum = checksum(bytes)
        return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
    }
}
