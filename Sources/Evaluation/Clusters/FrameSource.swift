import Files
import Tensors

/// Frames that are read again and again in pieces, from memory or a file.
public protocol FrameSource {
    /// T.
    var count: Int { get }
    /// D.
    var dimensions: Int { get }

    /// Copies frames.
    /// - Parameter target: room for `rows.count` · D values.
    /// - Throws: `FileError`.
    func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) throws
}

extension FrameSource {
    /// Copies of frames anywhere, [indices, D].
    /// - Throws: `FileError`.
    func gather(_ indices: [Int]) throws -> Tensor {
        let frames = Tensor(uninitialized: [indices.count, dimensions])
        for (row, index) in indices.enumerated() {
            try read(index..<index + 1, into: frames.pointer + row * dimensions)
        }
        return frames
    }
}

/// Frames in memory.
public struct FrameMatrix: FrameSource {
    private let frames: Tensor

    /// - Parameter frames: [T, D].
    /// - Precondition: two dimensions.
    public init(_ frames: Tensor) {
        precondition(frames.shape.count == 2, "frames are [T, D], not \(frames.shape)")
        self.frames = frames
    }

    public var count: Int { frames.shape[0] }
    public var dimensions: Int { frames.shape[1] }

    public func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        target.update(from: frames.pointer + rows.lowerBound * dimensions, count: rows.count * dimensions)
    }
}
