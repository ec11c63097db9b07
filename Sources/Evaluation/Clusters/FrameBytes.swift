/// Numbers and values as processes tell them each other: one after the other, as they lie in memory.
struct FrameBytes {
    private(set) var bytes: [UInt8] = []
    private var position = 0

    init(bytes: [UInt8] = []) { self.bytes = bytes }

    mutating func append(_ number: Int) {
        withUnsafeBytes(of: Int64(number)) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ values: UnsafeRawBufferPointer) { bytes.append(contentsOf: values) }

    /// The next number; nil at the end.
    mutating func next() -> Int? {
        guard position + 8 <= bytes.count else { return nil }
        defer { position += 8 }
        return bytes.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: position, as: Int64.self)) }
    }

    /// The next values, as many as there is room for.
    mutating func next(into target: UnsafeMutableRawBufferPointer) {
        target.copyBytes(from: bytes[position..<position + target.count])
        position += target.count
    }
}
