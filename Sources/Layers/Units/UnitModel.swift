import Tensors

/// What is known of a model before its weights are read: what its ids and its frames are.
///
/// Whoever turns recordings into ids or features knows a model by this, `UnitModel` and `FeatureModel`, and asks for no
/// family.
public protocol UnitModelConfiguration: Sendable {
    /// Samples that one frame of z sees: the shortest waveform with a frame.
    var receptiveField: Int { get }

    /// Frames of z for a waveform of so many samples; 0 where it is shorter than the receptive field.
    func frames(samples: Int) -> Int

    /// Groups of ids, G, and ids of each, V; nil for a model without ids.
    var codebookSize: CodebookSize? { get }

    /// Where the frames of an output lie; those of the ids lie where those of z do.
    /// - Parameter sampleRate: of the waveform, in Hz.
    func timing(of layer: FeatureLayer, sampleRate: Int) -> FrameTiming

    /// Makes sure that the model has an output, before anything is computed.
    /// - Throws: `ModelError.noLayer`.
    func require(_ layer: FeatureLayer) throws
}

extension UnitModelConfiguration {
    /// Makes sure that a waveform of so many samples has a frame.
    /// - Throws: `ModelError.tooShort`.
    package func requireFrame(samples: Int) throws {
        guard frames(samples: samples) > 0 else {
            throw ModelError.tooShort(samples: samples, needed: receptiveField)
        }
    }

    /// Hands over a waveform in memory as frames [N, 1], and how much of a limit in bytes it leaves for layers.
    /// - Throws: `ModelError.tooShort`, and what `body` throws.
    package func withFrames<Result>(
        of waveform: [Float], memoryLimit: Int,
        _ body: (_ waveform: FrameStore, _ memoryLimit: Int) throws -> Result
    ) throws -> Result {
        try requireFrame(samples: waveform.count)
        let size = FrameStore.byteCount(frames: waveform.count, channels: 1)
        return try waveform.withUnsafeBufferPointer {
            try body(FrameStore(borrowing: $0), max(0, memoryLimit - size))
        }
    }
}

/// How many codewords a model chooses from.
public struct CodebookSize: Equatable, Sendable {
    /// G.
    public let groups: Int
    /// V.
    public let variables: Int

    package init(groups: Int, variables: Int) { (self.groups, self.variables) = (groups, variables) }
}

/// A model whose first norm takes the level of a recording away, unless that is very low.
package protocol LevelNormalizing {
    /// ε / (σ² + ε) of the first norm that is over a whole recording, the largest of its groups: 0 where the level of the
    /// recording makes no difference, 1 where the norm leaves it as it is. 0 for models without such a norm.
    /// - Parameter waveform: [N, 1].
    /// - Throws: `SpillError`.
    func epsilonShare(of waveform: FrameStore) throws -> Double
}

/// A model prepared to turn any number of recordings into ids.
package protocol UnitModel: LevelNormalizing, Sendable {
    /// - Parameter waveform: [N, 1], at the rate that the model was trained at.
    /// - Throws: `ModelError`, `SpillError`.
    func quantize(_ waveform: FrameStore) throws -> TokenSequence

    /// The same of samples in memory.
    func quantize(_ waveform: [Float]) throws -> TokenSequence
}

/// A model prepared to compute one of its outputs for any number of recordings.
package protocol FeatureModel: LevelNormalizing {
    /// Makes sure that there is memory for the output of a recording, which is computed whole.
    /// - Parameters:
    ///   - samples: of the recording.
    ///   - available: bytes.
    /// - Throws: `ModelError.tooLarge`.
    func require(samples: Int, available: Int) throws

    /// - Parameter waveform: [N, 1], at the rate that the model was trained at.
    /// - Returns: [T, D].
    /// - Throws: `ModelError`, `SpillError`.
    func callAsFunction(_ waveform: FrameStore) throws -> Tensor
}

extension FeatureModel {
    /// An output as it is handed over.
    /// - Parameter output: [..., D].
    /// - Returns: [T, D].
    /// - Throws: `ModelError.notFinite` where samples or weights are near the limit of 32-bit floats.
    package func checked(_ output: Tensor) throws -> Tensor {
        guard output.firstNonFinite == nil else { throw ModelError.notFinite }
        let channels = output.shape.last ?? 1
        return output.reshaped([output.count / channels, channels])
    }
}

/// A model as checkpoints and their descriptions know it.
package protocol ParameterizedModel {
    /// By name, in the order of the data flow.
    var parts: [ModelPart] { get }
    /// Of all parts.
    var parameters: [Parameter] { get }
    /// Second names of parameters in fairseq's state dict.
    var aliases: [(alias: String, name: String)] { get }
    /// What chooses the ids; nil for a model without.
    var tokenQuantizer: (any Quantizer)? { get }
}
