import Tensors

/// A convolution over time without padding or bias, prepared once for a model and used for all its
/// recordings, a piece at a time:
/// y[t, o] = Σ_{j, i} x[t·stride + j, i] · weight[o, j, i].
///
/// After a change of the weights another one is to be made.
package struct InferenceConvolution {
    package let inputChannels: Int
    package let outputChannels: Int
    package let kernel: Int
    package let stride: Int
    private let form: Form

    private enum Form {
        case direct(Tensor)
        case bilinear(BilinearAlgorithm, TransformedWeight)
    }

    /// - Parameter weight: [Cout, k, Cin].
    package init(weight: Tensor, stride: Int) {
        precondition(weight.shape.count == 3)
        (outputChannels, kernel, inputChannels) = (weight.shape[0], weight.shape[1], weight.shape[2])
        self.stride = stride
        let algorithm = Self.algorithm(weight: weight.shape, stride: stride)
        form = algorithm.map { .bilinear($0, TransformedWeight(weight, $0)) } ?? .direct(weight)
    }

    /// As for a full tile of frames: a shorter one must not be computed in another way.
    static func algorithm(weight: [Int], stride: Int) -> BilinearAlgorithm? {
        let inputFrames = (FrameTiles.largest - 1) * stride + weight[1]
        let geometry = ConvolutionGeometry(
            input: [1, inputFrames, weight[2]], weight: weight, stride: stride)
        return ConvolutionPlan.algorithm(for: geometry, forInference: true)
    }

    /// How many frames of the input so many frames of the output see.
    package func inputFrames(_ frames: Int) -> Int { (frames - 1) * stride + kernel }

    /// Convolves a piece, on the calling thread.
    /// - Parameters:
    ///   - input: [inputFrames(frames), Cin].
    ///   - output: [frames, Cout].
    package func callAsFunction(
        _ input: UnsafePointer<Float>, frames: Int, into output: UnsafeMutablePointer<Float>
    ) {
        let x = UnsafeMutablePointer(mutating: input)
        let y = MatrixView(output, rows: frames, columns: outputChannels)
        switch form {
        case .direct(let weight): convolve(x, weight, into: y)
        case .bilinear(let algorithm, let weight): convolve(x, weight, algorithm, into: y)
        }
    }

    /// As `DirectConvolution`.
    private func convolve(_ x: UnsafeMutablePointer<Float>, _ weight: Tensor, into y: MatrixView) {
        let w = MatrixView(weight.pointer, rows: outputChannels, columns: kernel * inputChannels)
        for tap in Swift.stride(from: 0, to: kernel, by: stride) {
            let columns = tap * inputChannels..<min(tap + stride, kernel) * inputChannels
            multiply(
                MatrixView(
                    x + columns.lowerBound, rows: y.rows, columns: columns.count,
                    stride: stride * inputChannels),
                w.columns(columns), transposeB: true, into: y, beta: tap == 0 ? 0 : 1)
        }
    }

    /// As `BilinearConvolution`.
    private func convolve(
        _ x: UnsafeMutablePointer<Float>, _ weight: TransformedWeight, _ algorithm: BilinearAlgorithm,
        into y: MatrixView
    ) {
        let tiles = Tiling(rows: y.rows, size: algorithm.outputs)
        let rowChannels = stride * inputChannels
        let rows = MatrixView(x, rows: y.rows + algorithm.taps - 1, columns: rowChannels)
        let inputs = TransformedFrames(
            products: algorithm.products, tiles: tiles.count, channels: rowChannels)
        let products = TransformedFrames(
            products: algorithm.products, tiles: tiles.count, channels: outputChannels)
        for tile in 0..<tiles.count {
            let seen = tiles[tile].lowerBound..<tiles[tile].upperBound + algorithm.taps - 1
            multiplyUnpacked(
                algorithm.inputMatrix.columns(0..<seen.count), rows.rows(seen), into: inputs.tile(tile))
        }
        weight.multiply(inputs, into: products)
        for tile in 0..<tiles.count {
            multiplyUnpacked(
                algorithm.outputMatrix.rows(0..<tiles[tile].count), products.tile(tile),
                into: y.rows(tiles[tile]))
        }
    }
}
