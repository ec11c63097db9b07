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
        let parts = ConvolutionPlan.parts(for: planned, forInference: use == .inference).map {
            Part(of: $0.convolution(g), use)
        }
        algorithm = parts.isEmpty ? "direct" : parts.map(\.name).joined(separator: " and ")
        let direct =
            2 * Double(g.batch * g.outputFrames) * Double(g.kernel * g.inputChannels * g.outputChannels)
        func sum(_ operations: (Part) -> Double) -> Double {
            parts.isEmpty ? direct : parts.reduce(0) { $0 + operations($1) }
        }
        (self.direct, forward) = (direct, sum(\.forward))
        (inputGradient, weightGradient) = (sum(\.inputGradient), sum(\.weightGradient))
    }

    /// Of one algorithm.
    private struct Part {
        let name: String
        let forward: Double
        let inputGradient: Double
        let weightGradient: Double

        init(of part: BilinearConvolution, _ use: Use) {
            let (g, chosen) = (part.geometry, part.algorithm)
            name = chosen.name
            let tiles = Double(g.batch * part.tilesPerItem)
            let (rows, columns) = (Double(g.outputChannels), Double(g.rowChannels))
            let products = Double(chosen.products)
            let large = 2 * products * tiles * rows * columns
            // One tap has nothing to transform: products with unit matrices copy it, and are not counted.
            let transforms = chosen.taps > 1 ? 2 * products : 0
            let inputs = transforms * Double(chosen.inputs) * columns * tiles
            let outputs = transforms * Double(chosen.outputs) * rows * tiles
            let weights = transforms * Double(chosen.taps) * rows * columns
            forward = large + inputs + outputs + (use == .training ? weights : 0)
            inputGradient = large + inputs + weights
            weightGradient = large + inputs + outputs + weights
        }
    }
}

extension BilinearAlgorithm {
    /// For tables.
    var name: String {
        taps == 1 ? "direct" : products == inputs ? "F(\(outputs), \(taps))" : "DFT \(inputs)"
    }
}
