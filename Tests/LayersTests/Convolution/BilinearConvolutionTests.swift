import Layers
import OperationSupport
import Tensors
import Testing

/// Every bilinear algorithm against the direct form, whichever of them the plan would choose.
@Suite struct BilinearConvolutionTests {
    struct Algorithm: Sendable, CustomStringConvertible {
        let taps, stride: Int
        /// Outputs of Toom–Cook, or length of the transform.
        let outputs, length: Int?

        var algorithm: BilinearAlgorithm {
            if let outputs { return .toomCook(outputs: outputs, taps: taps) }
            return .fourier(length: length ?? 8, taps: taps)
        }

        var description: String {
            "\(taps) taps, stride \(stride), "
                + (outputs.map { "Toom–Cook \($0)" } ?? "Fourier \(length ?? 8)")
        }
    }

    static let algorithms: [Algorithm] =
        [(2, 2), (2, 3), (2, 4), (3, 2), (3, 3), (3, 4), (4, 3)].map {
            Algorithm(taps: $0.0, stride: 1, outputs: $0.1, length: nil)
        } + [2, 4].map { Algorithm(taps: 2, stride: $0, outputs: 4, length: nil) }
        + [(2, 8), (4, 12), (5, 16), (8, 20), (12, 24), (13, 32), (13, 40), (13, 48), (13, 64)].map {
            Algorithm(taps: $0.0, stride: 1, outputs: nil, length: $0.1)
        }

    /// The convolution by one algorithm.
    private func form(
        _ algorithm: BilinearAlgorithm, _ geometry: ConvolutionGeometry, stride: Int = 1
    ) -> BilinearForm {
        BilinearForm([ConvolutionPart(frames: 0..<stride, algorithm: algorithm)], geometry: geometry)
    }

    /// The root mean square error of outputs and gradients is at most three times that of the direct form in
    /// float32, over hundreds of channels as in the model; float64 is the measure of both. (BLAS sums in another order on
    /// each processor.)
    @Test(arguments: algorithms)
    func isNearlyAsExactAsTheDirectForm(_ a: Algorithm) throws {
        let (batch, frames, channels) = (2, 70 * a.stride, 256)
        let x = Tensor.random([batch, frames, channels / a.stride], 1)
        let weight = Tensor.random([192, a.taps * a.stride, channels / a.stride], 2)
        let geometry = ConvolutionGeometry(input: x.shape, weight: weight.shape, stride: a.stride)
        let dy = Tensor.random([batch, geometry.outputFrames, 192], 3)
        let bilinear = form(a.algorithm, geometry, stride: a.stride)
        let y = bilinear.output(x, weight: weight, bias: nil, moments: nil)
        let gradients = bilinear.gradients(dy, x: x, weight: weight, needsInput: true)
        let dx = try #require(gradients.dx)

        let exact = SumsAsWritten<Double>(x: x, weight: weight, dy: dy, stride: a.stride)
        let usual = SumsAsWritten<Float>(x: x, weight: weight, dy: dy, stride: a.stride)
        for (name, fast, usual, exact) in [
            ("y", y, usual.y, exact.y), ("∂x", dx, usual.dx, exact.dx),
            ("∂weight", gradients.dw, usual.dw, exact.dw),
        ] {
            let (error, usual) = (distance(fast.values, exact), distance(usual, exact))
            #expect(error <= 3 * usual, "\(name): \(error), the sums as written \(usual)")
        }
    }

    /// Inference has no gradients, and one output more for each tile.
    @Test func fiveOutputsOfTwoTaps() {
        let x = Tensor.random([1, 101, 256], 1)
        let weight = Tensor.random([48, 2, 256], 2)
        let geometry = ConvolutionGeometry(input: x.shape, weight: weight.shape, stride: 1)
        let dy = Tensor(zeros: [1, 100, 48])
        let exact = SumsAsWritten<Double>(x: x, weight: weight, dy: dy, stride: 1).y
        let usual = SumsAsWritten<Float>(x: x, weight: weight, dy: dy, stride: 1).y
        let fast = form(.toomCook(outputs: 5, taps: 2), geometry)
        let error = distance(fast.output(x, weight: weight, bias: nil, moments: nil).values, exact)
        #expect(
            error <= 3 * distance(usual, exact), "\(error), the sums as written \(distance(usual, exact))")
    }

    @Test func theInputGradientIsLeftOutWhereItIsNotNeeded() {
        let x = Tensor.random([1, 20, 4], 1)
        let weight = Tensor.random([4, 3, 4], 2)
        let geometry = ConvolutionGeometry(input: x.shape, weight: weight.shape, stride: 1)
        let dy = Tensor.random([1, geometry.outputFrames, 4], 3)
        let convolution = form(.toomCook(outputs: 4, taps: 3), geometry)
        let without = convolution.gradients(dy, x: x, weight: weight, needsInput: false)
        let with = convolution.gradients(dy, x: x, weight: weight, needsInput: true)
        #expect(without.dx == nil && with.dx != nil)
        #expect(without.dw.values == with.dw.values)
    }

    /// The paper's layers are all worth it, and a kernel of one frame never is.
    @Test func thePlanKnowsWhatIsFaster() {
        func algorithm(_ frames: Int, _ kernel: Int, _ stride: Int, channels: Int = 512) -> BilinearAlgorithm?
        {
            ConvolutionPlan().algorithm(
                for: ConvolutionGeometry(
                    input: [1, frames, channels], weight: [channels, kernel, channels], stride: stride))
        }
        for kernel in 2...13 { #expect(algorithm(935 + kernel - 1, kernel, 1)?.taps == kernel) }
        #expect(algorithm(30_000, 8, 4)?.taps == 2)
        #expect(algorithm(935, 1, 1) == nil)
        #expect(algorithm(935, 7, 2) == nil, "no multiple of the stride")
        #expect(algorithm(935, 5, 1, channels: 8) == nil, "too narrow")
        #expect(algorithm(14, 13, 1) == nil, "two outputs do not pay for transformed weights")
    }
}

/// The direct form, with sums of 256 terms and sums of these, much as products of matrices make them.
private struct SumsAsWritten<Scalar: BinaryFloatingPoint> {
    private(set) var y, dx, dw: [Scalar]

    init(x: Tensor, weight: Tensor, dy: Tensor, stride: Int) {
        let (frames, inputs) = (x.shape[1], x.shape[2])
        let (outputs, kernel, outputFrames) = (weight.shape[0], weight.shape[1], dy.shape[1])
        let (xs, ws) = (x.values.map(Scalar.init), weight.values.map(Scalar.init))
        let gs = dy.values.map(Scalar.init)
        (y, dx, dw) = (
            .init(repeating: 0, count: dy.count), .init(repeating: 0, count: x.count),
            .init(repeating: 0, count: weight.count)
        )
        for row in 0..<x.shape[0] * outputFrames {
            let first = (row / outputFrames * frames + row % outputFrames * stride) * inputs
            var gradients = [Scalar](repeating: 0, count: kernel * inputs)
            for o in 0..<outputs {
                let gradient = gs[row * outputs + o]
                for start in Swift.stride(from: 0, to: kernel * inputs, by: 256) {
                    var sum: Scalar = 0
                    for i in start..<min(start + 256, kernel * inputs) {
                        let tap = o * kernel * inputs + i
                        sum += xs[first + i] * ws[tap]
                        gradients[i] += gradient * ws[tap]
                        dw[tap] += gradient * xs[first + i]
                    }
                    y[row * outputs + o] += sum
                }
            }
            for (i, gradient) in gradients.enumerated() { dx[first + i] += gradient }
        }
    }
}

/// Root mean square of the difference.
private func distance(_ values: [Float], _ exact: [Double]) -> Double {
    let squares = zip(values, exact).reduce(0.0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    return (squares / Double(exact.count)).squareRoot()
}
