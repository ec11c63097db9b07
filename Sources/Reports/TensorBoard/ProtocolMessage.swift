import Foundation

/// A message of protocol buffers as it is being written: fields one after the other, each with its number and wire type.
///
/// TensorBoard's files need a dozen fields of five message types and are never read here.
package struct ProtocolMessage {
    package private(set) var bytes: [UInt8] = []

    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case length = 2
        case fixed32 = 5
    }

    private mutating func key(_ field: Int, _ type: WireType) { varint(UInt64(field) << 3 | type.rawValue) }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    /// An `int64`, `int32` or enum.
    mutating func add(_ field: Int, _ value: Int) {
        key(field, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// A `double`.
    mutating func add(_ field: Int, _ value: Double) {
        key(field, .fixed64)
        bytes += littleEndian(value.bitPattern)
    }

    /// A `float`.
    mutating func add(_ field: Int, _ value: Float) {
        key(field, .fixed32)
        bytes += littleEndian(value.bitPattern)
    }

    /// A `bytes`, or a message.
    mutating func add(_ field: Int, _ value: [UInt8]) {
        key(field, .length)
        varint(UInt64(value.count))
        bytes += value
    }

    /// A `string`.
    mutating func add(_ field: Int, _ value: String) { add(field, Array(value.utf8)) }

    mutating func add(_ field: Int, _ value: ProtocolMessage) { add(field, value.bytes) }

    /// A packed `repeated double`.
    mutating func add(_ field: Int, _ values: [Double]) {
        add(field, values.flatMap { littleEndian($0.bitPattern) })
    }
}

/// The bytes of a number, the lowest first.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
