import CKernels
import Files
import Tensors

/// Frames of any number of recordings: in memory as long as they are few, then in a nameless file.
public final class FrameSpool: FrameSource {
    /// D.
    public let dimensions: Int
    /// T.
    public private(set) var count = 0
    public private(set) var largest: Float = 0
    private let bytes: ByteSpool

    /// - Parameters:
    ///   - limit: bytes in memory.
    ///   - output: in whose folder the file lies.
    /// - Precondition: `dimensions` is positive.
    public init(dimensions: Int, limit: Int = 1 << 29, for output: String) {
        precondition(dimensions > 0, "frames of \(dimensions) values")
        self.dimensions = dimensions
        bytes = ByteSpool(limit: limit, for: output)
    }

    /// Appends frames.
    /// - Parameter frames: [T, D].
    /// - Throws: `FileError` where the file cannot be written.
    public func append(_ frames: Tensor) throws {
        precondition(frames.shape.last == dimensions, "frames \(frames.shape) are not [T, \(dimensions)]")
        let values = UnsafeBufferPointer(start: frames.pointer, count: frames.count)
        try bytes.append(UnsafeRawBufferPointer(values))
        count += frames.count / dimensions
        largest = max(largest, vq_largest_magnitude(frames.pointer, frames.count))
    }

    public func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
        let width = 4 * dimensions
        try bytes.read(
            at: rows.lowerBound * width,
            into: UnsafeMutableRawBufferPointer(start: target, count: rows.count * width))
    }
}
