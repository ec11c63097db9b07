import Autodiff
import Tensors

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
        let form: any ConvolutionForm =
            BilinearForm(geometry: geometry, precision: precision) ?? DirectConvolution(geometry: geometry)
        let moments = addingMoments ? form.outputMoments() : nil
        let y = form.output(x.value, weight: weight.value, bias: bias?.value, moments: moments)
        let output = record(y, inputs: [x, weight] + (bias.map { [$0] } ?? [])) { dy in
            let (dx, dw) = form.gradients(
                dy, x: x.value, weight: weight.value, needsInput: x.needsGradient)
            return [dx, dw] + (bias.map { [biasGradient(dy, width: $0.value.count)] } ?? [])
        }
        output.moments = moments?.totals
        return output
    }
}

/// A way to compute a convolution of given sizes with its gradients.
protocol ConvolutionForm: Sendable {
    /// Where `output` adds up the moments of its result.
    func outputMoments() -> OutputMoments

    /// - Parameters:
    ///   - x: [B, T, Cin].
    ///   - weight: [Cout, k, Cin].
    ///   - bias: [Cout], or nil.
    ///   - moments: of `outputMoments`; gets those of the output.
    /// - Returns: [B, T', Cout].
    func output(_ x: Tensor, weight: Tensor, bias: Tensor?, moments: OutputMoments?) -> Tensor

    /// ∂L/∂x, unless it is not needed, and ∂L/∂weight.
    /// - Parameter dy: ∂L/∂y, [B, T', Cout].
    func gradients(
        _ dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool
    ) -> (dx: Tensor?, dw: Tensor)
}
