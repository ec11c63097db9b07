/// The arithmetic of a convolution in floating-point operations, a multiply-add being two: of the sum as
/// written, and of the algorithm that `ConvolutionPlan` chooses, its transforms included.
public struct ConvolutionCost: Sendable {
    public enum Use: Sendable {
        /// The weights change with every update.
        case training
        /// They do not, and are transformed once.
        case inference
    }

    /// `direct`; F(m, k), Toom–Cook's algorithm for m outputs of k taps; the length of the transform, `DFT N`; or one of
    /// these for a part of the taps, and the sum as written for the others.
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
        let planned = use == .training ? g : InferenceConvolution.geometry(weight: weight, stride: stride)
        if let split = ConvolutionPlan.split(for: planned, forInference: use == .inference) {
            let part = SplitConvolution(geometry: g, algorithm: split.algorithm).longer.geometry
            let longer = ConvolutionCost(of: part, by: split.algorithm, use)
            self.init(
                algorithm: longer.algorithm + " and direct", direct: Self.direct(g), of: longer,
                and: Self.direct(g) - longer.direct)
        } else if let chosen = ConvolutionPlan.algorithm(for: planned, forInference: use == .inference) {
            self.init(of: g, by: chosen, use)
        } else {
            self.init(algorithm: "direct", direct: Self.direct(g), of: nil, and: Self.direct(g))
        }
    }

    /// - Parameters:
    ///   - part: that is computed by an algorithm.
    ///   - rest: operations of what is computed as written.
    private init(algorithm: String, direct: Double, of part: ConvolutionCost?, and rest: Double) {
        (self.algorithm, self.direct) = (algorithm, direct)
        forward = rest + (part?.forward ?? 0)
        inputGradient = rest + (part?.inputGradient ?? 0)
        weightGradient = rest + (part?.weightGradient ?? 0)
    }

    private static func direct(_ g: ConvolutionGeometry) -> Double {
        2 * Double(g.batch * g.outputFrames) * Double(g.kernel * g.inputChannels * g.outputChannels)
    }

    private init(of g: ConvolutionGeometry, by chosen: BilinearAlgorithm, _ use: Use) {
        (algorithm, direct) = (chosen.name, Self.direct(g))
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
