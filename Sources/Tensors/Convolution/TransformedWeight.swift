/// The weights of a convolution as a bilinear algorithm multiplies by them: G w, one matrix
/// [Cout, stride·Cin] for each of the R products.
package struct TransformedWeight {
    private let algorithm: BilinearAlgorithm
    private let outputChannels: Int
    private let rowChannels: Int
    private let values: Tensor

    /// Not set.
    init(uninitialized algorithm: BilinearAlgorithm, outputChannels: Int, rowChannels: Int) {
        self.algorithm = algorithm
        (self.outputChannels, self.rowChannels) = (outputChannels, rowChannels)
        values = Tensor(
            uninitialized: [
                algorithm.products,
                Self.productStride(outputChannels: outputChannels, rowChannels: rowChannels),
            ])
    }

    /// G w.
    /// - Parameter weight: [Cout, k, Cin], k · Cin a multiple of the algorithm's taps.
    init(_ weight: Tensor, _ algorithm: BilinearAlgorithm) {
        self.init(
            uninitialized: algorithm, outputChannels: weight.shape[0],
            rowChannels: weight.shape[1] * weight.shape[2] / algorithm.taps)
        Parallel.forEachTile(rows: outputChannels, target: 16) { _, channels in
            for channel in channels {
                multiplySmall(
                    algorithm.weightMatrix, taps(of: weight, channel), into: products(of: channel))
            }
        }
    }

    /// Where these are ∂L/∂(G w): Gᵀ of them, ∂L/∂w.
    /// - Parameter shape: [Cout, k, Cin].
    func gradient(shape: [Int]) -> Tensor {
        let dw = Tensor(uninitialized: shape)
        Parallel.forEachTile(rows: outputChannels, target: 16) { _, channels in
            for channel in channels {
                multiplySmall(
                    algorithm.weightMatrix, products(of: channel), transposeA: true,
                    into: taps(of: dw, channel))
            }
        }
        return dw
    }

    /// [Cout, stride·Cin].
    subscript(product: Int) -> MatrixView {
        MatrixView(values.pointer + product * values.shape[1], rows: outputChannels, columns: rowChannels)
    }

    /// The taps of an output channel, [taps, stride·Cin].
    private func taps(of weight: Tensor, _ channel: Int) -> MatrixView {
        MatrixView(
            weight.pointer + channel * algorithm.taps * rowChannels, rows: algorithm.taps,
            columns: rowChannels)
    }

    /// What becomes of them, [R, stride·Cin].
    private func products(of channel: Int) -> MatrixView {
        MatrixView(
            values.pointer + channel * rowChannels, rows: algorithm.products, columns: rowChannels,
            stride: values.shape[1])
    }

    /// From one product to the next, in floats. The products of a channel are written together, and would share
    /// a few cache sets if they lay powers of two apart.
    private static func productStride(outputChannels: Int, rowChannels: Int) -> Int {
        outputChannels * rowChannels + 48
    }
}
