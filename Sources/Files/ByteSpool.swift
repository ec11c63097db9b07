/// Bytes that wait to be read: in memory as long as they are few, then in a nameless file.
package final class ByteSpool {
    /// Bytes so far.
    package private(set) var count = 0
    /// The first ones.
    private var memory: [UInt8] = []
    private var file: SpoolFile?
    private let limit: Int
    private let output: String

    /// - Parameters:
    ///   - limit: bytes in memory.
    ///   - output: in whose folder the file lies.
    package init(limit: Int = 1 << 29, for output: String) { (self.limit, self.output) = (limit, output) }

    /// Appends bytes.
    /// - Throws: `FileError` where the file cannot be written.
    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        if file == nil, memory.count + bytes.count > limit { file = try SpoolFile(for: output) }
        if let file { try file.write(bytes) } else { memory.append(contentsOf: bytes) }
        count += bytes.count
    }

    /// Copies bytes from a place on, as many as there is room for.
    /// - Precondition: there are as many.
    /// - Throws: `FileError`.
    package func read(at start: Int, into target: UnsafeMutableRawBufferPointer) throws {
        precondition(start + target.count <= count, "\(target.count) bytes from \(start) on, of \(count)")
        let inMemory = min(max(memory.count - start, 0), target.count)
        if inMemory > 0 {
            UnsafeMutableRawBufferPointer(rebasing: target[..<inMemory]).copyBytes(
                from: memory[start..<start + inMemory])
        }
        guard inMemory < target.count else { return }
        try file?.read(
            at: max(start, memory.count) - memory.count,
            into: UnsafeMutableRawBufferPointer(rebasing: target[inMemory...]))
    }
}
