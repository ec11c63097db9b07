import CKernels
import Communication
import Files
import Tensors

/// Frames that are read again and again in pieces, from memory or a file. Several processes may have a part each.
public protocol FrameSource {
    /// T, of all processes.
    var count: Int { get }
    /// D.
    var dimensions: Int { get }
    /// The largest magnitude of a value of a frame, of all processes.
    var largest: Float { get }
    /// The frames that this process has.
    var own: Range<Int> { get }
    /// Who has the others.
    var communicator: any Communicator { get }

    /// Copies frames.
    /// - Parameters:
    ///   - rows: of `own`.
    ///   - target: room for `rows.count` · D values.
    /// - Throws: `FileError`.
    func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) throws
}

extension FrameSource {
    public var own: Range<Int> { 0..<count }
    public var communicator: any Communicator { SingleProcess() }

    /// Copies of frames anywhere, [indices, D], the same in all processes.
    /// - Throws: `FileError`; of several processes `ProcessFailure` or `CommunicationError`.
    func gather(_ indices: [Int]) throws -> Tensor {
        let frames = Tensor(uninitialized: [indices.count, dimensions])
        let places = indices.indices.filter { own.contains(indices[$0]) }
        try communicator.together {
            for place in places {
                try read(indices[place]..<indices[place] + 1, into: frames.pointer + place * dimensions)
            }
        }
        guard communicator.size > 1 else { return frames }
        let width = 4 * dimensions
        var sent = FrameBytes()
        for place in places {
            sent.append(place)
            sent.append(UnsafeRawBufferPointer(start: frames.pointer + place * dimensions, count: width))
        }
        try communicator.gather(sent) { _, received in
            while received.left > 0 {
                let place = try received.number()
                precondition(indices.indices.contains(place), "frame \(place) of \(indices.count)")
                UnsafeMutableRawBufferPointer(start: frames.pointer + place * dimensions, count: width)
                    .copyMemory(from: try received.take(width))
            }
        }
        return frames
    }
}

/// Frames in memory.
public struct FrameMatrix: FrameSource {
    private let frames: Tensor
    public let largest: Float

    /// - Parameter frames: [T, D].
    /// - Precondition: two dimensions.
    public init(_ frames: Tensor) {
        precondition(frames.shape.count == 2, "frames are [T, D], not \(frames.shape)")
        self.frames = frames
        largest = vq_largest_magnitude(frames.pointer, frames.count)
    }

    public var count: Int { frames.shape[0] }
    public var dimensions: Int { frames.shape[1] }

    public func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        target.update(from: frames.pointer + rows.lowerBound * dimensions, count: rows.count * dimensions)
    }
}
