import Tensors

/// Chooses between the direct form of a convolution and bilinear algorithms, by estimated time.
///
/// Estimates count multiply-adds of the forward pass; the gradients need about twice as many of each kind.
/// The choice depends on the sizes and the precision alone, so results in float32 are the same on every machine.
package struct ConvolutionPlan {
    private let precision: Precision
    private let forInference: Bool

    /// - Parameters:
    ///   - precision: of the products' operands.
    ///   - forInference: the weights are transformed once for many calls, and there are no gradients.
    package init(precision: Precision = .float32, forInference: Bool = false) {
        (self.precision, self.forInference) = (precision.supported, forInference)
    }

    /// The algorithm of least cost; nil where the direct form is faster.
    package func algorithm(for g: ConvolutionGeometry) -> BilinearAlgorithm? {
        guard let taps = g.rowTaps, taps > 1, min(g.rowChannels, g.outputChannels) >= Self.fewestChannels
        else { return nil }
        // The direct form is float32, which has half the rate of bf16.
        let direct =
            (precision == .bf16 ? 2 : 1) * Double(g.batch * g.outputFrames)
            * Double(taps * g.rowChannels * g.outputChannels)
        let best = candidates(taps: taps).map { ($0, cost(of: $0, g)) }
            .min { $0.1 < $1.1 }
        guard let (candidate, cost) = best, cost < direct else { return nil }
        return candidate.algorithm(taps: taps)
    }

    /// The convolution in one part, or, where its kernel is no multiple of its stride, in two; none where the direct
    /// form is faster.
    package func parts(for g: ConvolutionGeometry) -> [ConvolutionPart] {
        if let algorithm = algorithm(for: g) {
            return [ConvolutionPart(frames: 0..<g.stride, algorithm: algorithm, precision: precision)]
        }
        // Nothing is saved but what rounding saves. (On the tape a kernel of one frame is a linear map.)
        if precision == .bf16, g.kernel == g.stride,
            min(g.rowChannels, g.outputChannels) >= Self.fewestChannels
        {
            return [ConvolutionPart(frames: 0..<g.stride, algorithm: .oneTap, precision: precision)]
        }
        guard g.kernel > g.stride, g.kernel < 2 * g.stride else { return [] }
        let longer = 0..<g.kernel - g.stride
        let part = ConvolutionGeometry(of: g, frames: longer, taps: 2)
        guard let algorithm = algorithm(for: part) else { return [] }
        return [
            ConvolutionPart(frames: longer, algorithm: algorithm, precision: precision),
            ConvolutionPart(
                frames: longer.upperBound..<g.stride, algorithm: .oneTap, precision: precision),
        ]
    }

    /// Below, the matrix products are too small to be the greater part of the work.
    private static let fewestChannels = 32

    private struct Candidate {
        let isFourier: Bool
        let outputs: Int
        let products: Int

        func algorithm(taps: Int) -> BilinearAlgorithm {
            isFourier
                ? .fourier(length: outputs + taps - 1, taps: taps) : .toomCook(outputs: outputs, taps: taps)
        }
    }

    /// Toom–Cook with so few points that its error stays below three times that of the direct sum; that of
    /// gradients is larger than that of outputs.
    ///
    /// Of rounded operands below one and a half times that of the direct sum of rounded operands, whose error is four
    /// orders larger: transforms amplify what rounding leaves. Measured, outputs and gradients alike: 1.3 times for
    /// F(3, 2) and F(2, 3), 1.4 times for F(2, 2) and for Fourier transforms, but 1.9 to 2.3 times for the others.
    private func candidates(taps: Int) -> [Candidate] {
        let most = precision == .bf16 ? 5 - taps : min(forInference ? 5 : 4, 7 - taps)
        let toomCook = (taps > 4 || most < 2 ? [] : Array(2...most)).map { outputs in
            Candidate(isFourier: false, outputs: outputs, products: outputs + taps - 1)
        }
        let fourier = stride(from: 8, through: 64, by: 4).filter { $0 > taps }.map { length in
            Candidate(isFourier: true, outputs: length - taps + 1, products: 3 * length / 2 - 1)
        }
        return toomCook + fourier
    }

    /// In multiply-adds at the rate of large matrix products.
    ///
    /// Measured with 512 channels: transforming a product's weights costs as much as 8 rows of frames more than
    /// the multiply-adds themselves, for what moves through memory, and the small matrices run at three quarters
    /// of the rate. Transforms are float32, which has half the rate of bf16.
    private func cost(of candidate: Candidate, _ g: ConvolutionGeometry) -> Double {
        let taps = g.rowTaps ?? 0
        let tiles = g.batch * ((g.outputFrames + candidate.outputs - 1) / candidate.outputs)
        let weights = Double(candidate.products * g.rowChannels * g.outputChannels)
        let inputs = (candidate.outputs + taps - 1) * g.rowChannels
        let frames =
            Double(tiles * candidate.products) * Double(inputs + candidate.outputs * g.outputChannels)
        let transform = precision == .bf16 ? 2.0 : 1
        return weights * (Double(tiles) + (forInference ? 0 : transform * Double(taps + 8)))
            + transform * frames * 4 / 3
    }
}
