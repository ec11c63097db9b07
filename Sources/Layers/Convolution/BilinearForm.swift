import Autodiff
import Tensors

/// A convolution by bilinear algorithms, which is one part, or, where its kernel is no multiple of its stride, the sum of
/// two with frames of their own: with s < k < 2s the first k − s frames of each s have two taps and the others one.
package struct BilinearForm: ConvolutionForm {
    private let geometry: ConvolutionGeometry
    let parts: [ConvolutionPart]

    /// Of each part what it reads.
    typealias Input = (ConvolutionPart, BilinearConvolution) -> BilinearConvolution.Input

    /// - Precondition: there is a part.
    package init(_ parts: [ConvolutionPart], geometry: ConvolutionGeometry) {
        precondition(!parts.isEmpty, "a convolution without parts")
        (self.parts, self.geometry) = (parts, geometry)
    }

    /// nil where the direct form is faster.
    init?(geometry: ConvolutionGeometry) {
        let parts = ConvolutionPlan.parts(for: geometry)
        guard !parts.isEmpty else { return nil }
        self.init(parts, geometry: geometry)
    }

    func outputMoments() -> OutputMoments { parts[parts.count - 1].convolution(geometry).outputMoments() }

    package func output(_ x: Tensor, weight: Tensor, bias: Tensor?, moments: OutputMoments?) -> Tensor {
        output(of: { $1.rows(of: x.pointer) }, weight: weight, bias: bias, moments: moments)
    }

    /// The same of an input that is not stored.
    func output(of input: Input, weight: Tensor, bias: Tensor?, moments: OutputMoments?) -> Tensor {
        let y = Tensor(uninitialized: [geometry.batch, geometry.outputFrames, geometry.outputChannels])
        let weights = parts.map {
            WeightPanels(
                $0.weight(of: weight, stride: geometry.stride), taps: $0.algorithm.taps, columns: .outputs)
        }
        setOutput(y.pointer, of: input, weights: weights, bias: bias, moments: moments)
        return y
    }

    /// - Parameters:
    ///   - y: gets the output, [B, T', Cout].
    ///   - weights: of the parts.
    func setOutput(
        _ y: UnsafeMutablePointer<Float>, of input: Input, weights: [some TransformedWeight], bias: Tensor?,
        moments: OutputMoments?
    ) {
        for (index, part) in parts.enumerated() {
            let convolution = part.convolution(geometry)
            convolution.setOutput(
                y, of: input(part, convolution), weight: weights[index], bias: index == 0 ? bias : nil,
                adding: index > 0, moments: index == parts.count - 1 ? moments : nil)
        }
    }

    package func gradients(
        _ dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool
    ) -> (dx: Tensor?, dw: Tensor) {
        let dx = needsInput ? zeroTensor(x.shape) : nil
        let dw = weightGradient(weight) { _, convolution, weight in
            convolution.weightGradient(dy, x: x, weight: weight, addingInputGradientTo: dx)
        }
        return (dx, dw)
    }

    /// ∂L/∂weight.
    /// - Parameter partGradient: that of a part, which gets its weight.
    func weightGradient(
        _ weight: Tensor, _ partGradient: (ConvolutionPart, BilinearConvolution, _ weight: Tensor) -> Tensor
    ) -> Tensor {
        func gradient(_ part: ConvolutionPart) -> Tensor {
            partGradient(
                part, part.convolution(geometry), part.weight(of: weight, stride: geometry.stride))
        }
        guard parts.count > 1 else { return gradient(parts[0]).reshaped(weight.shape) }
        let dw = Tensor(uninitialized: weight.shape)
        for part in parts { part.setGradient(gradient(part), in: dw, stride: geometry.stride) }
        return dw
    }
}
