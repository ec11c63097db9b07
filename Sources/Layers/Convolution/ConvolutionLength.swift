/// How many frames a convolution without padding makes of how many: frame t of the output sees those of the input
/// from t·s to t·s + k − 1.
public struct ConvolutionLength: Sendable {
    /// k, frames of the input that a frame of the output sees.
    public let kernel: Int
    /// s, frames of the input from where one frame of the output begins to see to where the next one does.
    public let stride: Int

    /// - Precondition: both are positive.
    public init(kernel: Int, stride: Int) {
        precondition(kernel > 0 && stride > 0, "a kernel of \(kernel) frames with stride \(stride)")
        (self.kernel, self.stride) = (kernel, stride)
    }

    /// Frames of the output, (n − k)/s + 1; 0 where there are fewer than the kernel's.
    public func outputs(_ inputs: Int) -> Int { inputs < kernel ? 0 : (inputs - kernel) / stride + 1 }

    /// Frames of the input that so many of the output see, at least one: (n − 1)·s + k.
    public func inputs(_ outputs: Int) -> Int { (outputs - 1) * stride + kernel }

    /// Those that some of the output see.
    package func inputs(_ outputs: Range<Int>) -> Range<Int> {
        outputs.lowerBound * stride..<outputs.lowerBound * stride + inputs(outputs.count)
    }
}
