import Autodiff
import CKernels

extension Tape {
    /// Convolution over time, no padding:
    /// y[b, t, o] = bias[o] + Σ_{j, i} x[b, t·stride + j, i] · weight[o, j, i].
    ///
    /// Computed as written or by a bilinear algorithm with fewer multiplications, whichever is faster for these
    /// sizes; with a kernel of one frame it is a linear map.
    ///
    /// - Parameters:
    ///   - x: [B, T, Cin], T at least the kernel's length.
    ///   - weight: [Cout, k, Cin].
    ///   - bias: [Cout], or nil.
    ///   - addingMoments: adds up what a `groupNorm` of one group needs to know of the result, while that is in
    ///     the cache.
    /// - Returns: [B, (T − k)/stride + 1, Cout].
    public func convolve(
        _ x: Variable, weight: Variable, bias: Variable? = nil, stride: Int, addingMoments: Bool = false
    ) -> Variable {
        let geometry = ConvolutionGeometry(input: x.shape, weight: weight.shape, stride: stride)
        precondition(
            bias.map { $0.value.count == weight.shape[0] } ?? true,
            "a bias of shape \(bias?.shape ?? []) for \(weight.shape[0]) channels")
        if weight.shape[1] == 1, stride == 1 {
            return linear(x, weight: weight, bias: bias, addingMoments: addingMoments)
        }
        if let split = ConvolutionPlan.split(for: geometry) {
            return convolve(x, weight, bias, inParts: split, addingMoments)
        }
        guard let algorithm = ConvolutionPlan.algorithm(for: geometry) else {
            return convolve(
                x, weight, bias, directly: DirectConvolution(geometry: geometry), addingMoments)
        }
        return convolve(
            x, weight, bias, with: BilinearConvolution(geometry: geometry, algorithm: algorithm),
            addingMoments)
    }

    private func convolve(
        _ x: Variable, _ weight: Variable, _ bias: Variable?, directly convolution: DirectConvolution,
        _ addingMoments: Bool
    ) -> Variable {
        let moments = addingMoments ? convolution.outputMoments() : nil
        let y = convolution.output(x.value, weight: weight.value, bias: bias?.value, moments: moments)
        let output = record(y, inputs: [x, weight] + (bias.map { [$0] } ?? [])) { dy in
            let dx = x.needsGradient ? convolution.inputGradient(dy, weight: weight.value) : nil
            let dw = convolution.weightGradient(dy, x: x.value)
            return [dx, dw] + (bias.map { [biasGradient(dy, width: $0.value.count)] } ?? [])
        }
        output.moments = moments?.totals
        return output
    }

    private func convolve(
        _ x: Variable, _ weight: Variable, _ bias: Variable?, inParts convolution: SplitConvolution,
        _ addingMoments: Bool
    ) -> Variable {
        let moments = addingMoments ? convolution.outputMoments() : nil
        let y = convolution.output(x.value, weight: weight.value, bias: bias?.value, moments: moments)
        let output = record(y, inputs: [x, weight] + (bias.map { [$0] } ?? [])) { dy in
            let (dx, dw) = convolution.gradients(
                dy, x: x.value, weight: weight.value, needsInput: x.needsGradient)
            return [dx, dw] + (bias.map { [biasGradient(dy, width: $0.value.count)] } ?? [])
        }
        output.moments = moments?.totals
        return output
    }

    private func convolve(
        _ x: Variable, _ weight: Variable, _ bias: Variable?, with convolution: BilinearConvolution,
        _ addingMoments: Bool
    ) -> Variable {
        let moments = addingMoments ? convolution.outputMoments() : nil
        let y = convolution.output(
            of: convolution.rows(of: x.value.pointer), weight: weight.value, bias: bias?.value,
            moments: moments)
        let output = record(y, inputs: [x, weight] + (bias.map { [$0] } ?? [])) { dy in
            let (dx, dw) = convolution.gradients(
                dy, x: x.value, weight: weight.value, needsInput: x.needsGradient)
            return [dx, dw] + (bias.map { [biasGradient(dy, width: $0.value.count)] } ?? [])
        }
        output.moments = moments?.totals
        return output
    }
}
