import Autodiff
import Tensors

extension GumbelQuantizer {
    /// Codewords become random frames, standardised by channel to mean `codewordMean` and deviation 1, and
    /// every logit gets mean 0 and a standard deviation of `logitDeviation` over the batch, so that frames
    /// rather than biases decide.
    package func initializeCodebook(from z: Tensor, stream: RandomStream) {
        let frames = z.reshaped([z.shape[0] * z.shape[1], z.shape[2]])
        if z.shape[2] == groups * codewordWidth {
            place(Array(0..<codewordCount), on: standardised(frames), stream: stream)
        }
        let logits = logits(.constant(z), on: Tape(recording: false)).value
        let (means, deviations) = columnMoments(logits)
        let (weight, bias) = projections[projections.count - 1]
        let inputs = weight.variable.shape[1]
        for output in 0..<bias.count {
            let scale = logitDeviation / max(deviations[output], 1e-6)
            for input in 0..<inputs { weight.variable.value.pointer[output * inputs + input] *= scale }
            let value = bias.variable.value.pointer + output
            value.pointee = (value.pointee - means[output]) * scale
        }
    }

    /// A codeword that is never chosen has logits that never win: moving it would change nothing.
    package func restartCodewords(_ rows: [Int], from z: Tensor, stream: RandomStream) -> Int { 0 }

    /// Gumbel noise has a standard deviation of 1.28: frames have the larger say.
    private var logitDeviation: Float { 2 }

    /// Columns with mean `codewordMean` and standard deviation 1.
    private func standardised(_ x: Tensor) -> Tensor {
        let (means, deviations) = columnMoments(x)
        let y = x.copy()
        for index in 0..<y.count {
            let column = index % x.shape[1]
            y.pointer[index] =
                (y.pointer[index] - means[column]) / max(deviations[column], 1e-6) + codewordMean
        }
        return y
    }

    /// Mean and standard deviation of every column of [R, C].
    private func columnMoments(_ x: Tensor) -> (means: [Float], deviations: [Float]) {
        let (rows, columns) = (x.shape[0], x.shape[1])
        var sums = [Double](repeating: 0, count: columns)
        var squares = sums
        for index in 0..<x.count {
            let value = Double(x.pointer[index])
            sums[index % columns] += value
            squares[index % columns] += value * value
        }
        let means = sums.map { $0 / Double(rows) }
        let deviations = zip(squares, means).map { max(0, $0 / Double(rows) - $1 * $1).squareRoot() }
        return (means.map { Float($0) }, deviations.map { Float($0) })
    }
}
