import Autodiff
import Tensors

/// Turns frames into codewords. The model, the training loop, `quantize` and the checkpoints know no more
/// than this.
public protocol Quantizer: Sendable {
    /// G.
    var groups: Int { get }
    /// V, codewords per group.
    var variables: Int { get }
    var parameters: [Parameter] { get }

    /// - Parameters:
    ///   - z: [B, T, C].
    ///   - temperature: of the softmax that gradients go through, where the quantizer has one.
    func quantize(
        _ z: Variable, temperature: Double, losses: QuantizerLosses, noise: StepNoise, on tape: Tape
    ) -> Quantization

    /// What has to be done with all frames of z before each can choose its codewords; nil for nothing.
    var projection: NormalizedProjection? { get }

    /// The ids of evaluation, without noise, without a tape: each frame for itself.
    /// - Parameter frames: [1, T, C], z or its normalised projection.
    /// - Returns: [T, G] in row-major order.
    func ids(_ frames: Tensor) -> [Int32]

    /// What the ids are the largest of, without noise; nil for a quantizer that chooses otherwise.
    /// - Parameter z: [1, T, C].
    /// - Returns: [T, G·V].
    func logits(_ z: Tensor) -> Tensor?

    /// The codebook, one row per codeword.
    var codebook: Parameter { get }

    /// Starts the codebook from data instead of random numbers: codewords on frames of a batch, so that
    /// many of them are in use from the first update on. Not in the paper, not in fairseq.
    /// - Parameter z: the encoder's output, [B, T, C].
    func initializeCodebook(from z: Tensor, stream: RandomStream)

    /// Starts the codebook in a model that was trained without it, so that what is behind it gets frames that are as
    /// those it knows.
    /// - Parameter z: what will be quantized, [B, T, C].
    func begin(behind z: Tensor, stream: RandomStream)

    /// Puts codewords on random frames of a batch, for those that are never chosen. Not in the paper, not in
    /// fairseq.
    /// - Parameters:
    ///   - rows: rows of the codebook [G'·V, d].
    ///   - z: the encoder's output, [B, T, C].
    /// - Returns: how many were moved: none where that would change nothing.
    @discardableResult
    func restartCodewords(_ rows: [Int], from z: Tensor, stream: RandomStream) -> Int
}

/// A grouped 1×1 convolution and a norm over each group and all frames, without an activation.
public struct NormalizedProjection: Sendable {
    /// [Cout, Cin / G, 1].
    package let weight: Parameter
    /// [Cout] each.
    package let normWeight: Parameter
    package let normBias: Parameter
    /// G.
    package let groups: Int
}

/// The mean of codewords that start from data. With a part that all codewords share, a prediction can say
/// "probably a negative" to all of them, as it must ten times out of eleven, without moving them together.
package let codewordMean: Float = 1

extension Quantizer {
    package func begin(behind z: Tensor, stream: RandomStream) { initializeCodebook(from: z, stream: stream) }

    /// In evaluation, without a tape.
    /// - Parameter z: [B, T, C].
    package func quantization(of z: Tensor) -> Quantization {
        quantize(
            .constant(z), temperature: 1, losses: QuantizerLosses(),
            noise: StepNoise(training: false, items: Array(0..<z.shape[0])), on: Tape(recording: false))
    }

    /// The codebook as rows: [G'·V, d].
    package func codebookRows(on tape: Tape) -> Variable {
        tape.reshape(codebook.variable, [codewordCount, codewordWidth])
    }

    /// d.
    var codewordWidth: Int { codebook.variable.shape.last ?? 1 }

    /// G'·V, rows of the codebook.
    var codewordCount: Int { codebook.count / codewordWidth }

    /// Whether all groups look up the same codewords.
    public var sharesCodebook: Bool {
        groups > 1 && codewordCount == variables
    }

    /// ẑ, the codewords of ids side by side.
    /// - Parameter ids: [T, G] in row-major order, each less than V.
    /// - Returns: [T, G·d].
    public func codewords(_ ids: [Int32]) -> Tensor {
        precondition(
            ids.count.isMultiple(of: groups) && ids.allSatisfy { $0 >= 0 && $0 < variables },
            "ids are \(groups) for each frame, from 0 to \(variables - 1)")
        let width = codewordWidth
        let rows = codebookRows(on: Tape(recording: false)).value
        let quantized = Tensor(uninitialized: [ids.count / groups, groups * width])
        for (index, id) in ids.enumerated() {
            let row = Int(id) + (sharesCodebook ? 0 : index % groups * variables)
            (quantized.pointer + index * width).update(from: rows.pointer + row * width, count: width)
        }
        return quantized
    }

    /// Copies random rows of `frames` [R, G·d], each the part of one group, into rows of the codebook.
    package func place(_ rows: [Int], on frames: Tensor, stream: RandomStream) {
        var stream = stream
        let width = codewordWidth
        for row in rows {
            let frame = stream.nextInteger(below: frames.shape[0])
            let group = sharesCodebook ? stream.nextInteger(below: groups) : row / variables
            (codebook.variable.value.pointer + row * width).update(
                from: frames.pointer + frame * frames.shape[1] + group * width, count: width)
        }
    }
}

extension RandomStream.Purpose {
    /// Codewords that start from data or anew.
    public static let codebookRestart = RandomStream.Purpose(7)
}
