/// The arithmetic of a convolution in floating-point operations, a multiply-add being two: of the sum as
/// written, and of the algorithm that `ConvolutionPlan` chooses, its transforms included.
public struct ConvolutionCost: Sendable {
    public enum Use: Sendable {
        /// The weights change with every update.
        case training
        /// They do not, and are transformed once.
        case inference
    }

    /// `direct`; F(m, k), Toom–Cook's algorithm for m outputs of k taps; or the length of the transform, `DFT N`.
    public let algorithm: String
    /// Of the sum as written. Each gradient takes as many.
    public let direct: Double
    public let forward: Double
    public let inputGradient: Double
    /// Where both gradients are computed, they share the transformed ∂L/∂y: it is counted here.
    public let weightGradient: Double

    /// - Parameters:
    ///   - input: [B, T, Cin], T at least the kernel's length.
    ///   - weight: [Cout, k, Cin].
    public init(input: [Int], weight: [Int], stride: Int, use: Use = .training) {
        let g = ConvolutionGeometry(input: input, weight: weight, stride: stride)
        direct =
            2 * Double(g.batch * g.outputFrames) * Double(g.kernel * g.inputChannels * g.outputChannels)
        let chosen =
            use == .training
            ? ConvolutionPlan.algorithm(for: g)
            : InferenceConvolution.algorithm(weight: weight, stride: stride)
        guard let chosen else {
            algorithm = "direct"
            (forward, inputGradient, weightGradient) = (direct, direct, direct)
            return
        }
        algorithm = chosen.name
        let tiles = Double(g.batch * ((g.outputFrames + chosen.outputs - 1) / chosen.outputs))
        let (rows, columns) = (Double(g.outputChannels), Double(g.rowChannels))
        let products = Double(chosen.products)
        let large = 2 * products * tiles * rows * columns
        let inputs = 2 * products * Double(chosen.inputs) * columns * tiles
        let outputs = 2 * products * Double(chosen.outputs) * rows * tiles
        let weights = 2 * products * Double(chosen.taps) * rows * columns
        forward = large + inputs + outputs + (use == .training ? weights : 0)
        inputGradient = large + inputs + weights
        weightGradient = large + inputs + outputs + weights
    }
}

extension BilinearAlgorithm {
    /// For tables.
    var name: String { products == inputs ? "F(\(outputs), \(taps))" : "DFT \(inputs)" }
}
