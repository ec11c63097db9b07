import Files
import Tensors

/// Frames of any number of recordings: in memory as long as they are few, then in a nameless file.
public final class FrameSpool: FrameSource {
    /// D.
    public let dimensions: Int
    /// T.
    public private(set) var count = 0
    /// In memory, the first ones.
    private var memory: [Float] = []
    private var file: SpoolFile?
    private let limit: Int
    private let output: String

    /// - Parameters:
    ///   - limit: bytes in memory.
    ///   - output: in whose folder the file lies.
    /// - Precondition: `dimensions` is positive.
    public init(dimensions: Int, limit: Int = 1 << 29, for output: String) {
        precondition(dimensions > 0, "frames of \(dimensions) values")
        (self.dimensions, self.limit, self.output) = (dimensions, limit, output)
    }

    /// Appends frames.
    /// - Parameter frames: [T, D].
    /// - Throws: `FileError` where the file cannot be written.
    public func append(_ frames: Tensor) throws {
        precondition(frames.shape.last == dimensions, "frames \(frames.shape) are not [T, \(dimensions)]")
        let values = UnsafeBufferPointer(start: frames.pointer, count: frames.count)
        count += frames.count / dimensions
        if file == nil, 4 * (memory.count + values.count) > limit { file = try SpoolFile(for: output) }
        if let file {
            try file.write(UnsafeRawBufferPointer(values))
        } else {
            memory.append(contentsOf: values)
        }
    }

    public func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
        let range = rows.lowerBound * dimensions..<rows.upperBound * dimensions
        let inMemory = range.clamped(to: 0..<memory.count)
        memory.withUnsafeBufferPointer { memory in
            guard let base = memory.baseAddress, !inMemory.isEmpty else { return }
            target.update(from: base + inMemory.lowerBound, count: inMemory.count)
        }
        guard let file, range.upperBound > memory.count else { return }
        let start = max(range.lowerBound, memory.count)
        try file.read(
            at: 4 * (start - memory.count),
            into: UnsafeMutableRawBufferPointer(
                start: target + (start - range.lowerBound), count: 4 * (range.upperBound - start)))
    }
}
