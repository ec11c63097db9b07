import Checkpoints
import Files
import Layers
import Speech
import Tensors
import TokenFiles
import Training

extension Sound {
    /// Refuses a recording that is not the listed one, and one without sound.
    /// - Throws: `AudioError`.
    func requireUsable(as recording: Recording, resampled: Bool) throws {
        if let listed = recording.listedSamples, listed != count, !resampled {
            throw AudioError.unsuitable(
                "\(recording.path)",
                "has \(count) samples, not the \(listed) of its manifest: make the "
                    + "manifest anew")
        }
        if let silence { throw AudioError.unsuitable("\(recording.path)", "\(silence.explanation)") }
    }
}

extension Sound {
    /// The share of ε in the first norm from which on a fifth of the ids and more are others than those of the same
    /// recording at a usual level (docs/reliability.md).
    private static let audibleShare = 0.1

    /// What to say of a recording whose ids depend on its level; nil for others.
    fileprivate func tooQuiet(for model: (any LevelNormalizing)?) throws -> String? {
        guard let share = try model.map({ model in try withFrames { try model.epsilonShare(of: $0) } }),
            share > Self.audibleShare
        else { return nil }
        return
            "is so quiet that its ids depend on its level: the norm's epsilon is \(Int((100 * share).rounded())) % "
            + "of what it divides by; make it louder, all recordings alike"
    }
}

extension FileProgress {
    /// Warns of a recording whose ids depend on its level.
    /// - Parameter model: whose norm tells; nil for none.
    /// - Throws: `AudioError` that names the recording.
    func warnIfTooQuiet(_ sound: Sound, _ recording: Recording, for model: (any LevelNormalizing)?) throws {
        let warning = try AudioError.naming("\(recording.path)") { try sound.tooQuiet(for: model) }
        if let warning { printError(messageLine("warning: \(recording.path): \(warning)")) }
    }
}

extension OutputDescription {
    /// Of outputs that a checkpoint's model makes.
    /// - Parameters:
    ///   - maxSamples: of the pieces that recordings are cut into; nil where they are not.
    ///   - resamples: whether recordings of another rate are converted.
    ///   - precision: of the products' operands.
    init(
        _ checkpoint: Checkpoint, layer: FeatureLayer = .z, maxSamples: Int? = nil, resamples: Bool,
        precision: Precision = .float32
    ) throws {
        struct Options: Encodable {
            let maxSamples: Int?
            /// Only said where it is so.
            let resampled: Bool?
            let precision: Precision?

            enum CodingKeys: String, CodingKey {
                case maxSamples = "max_samples"
                case resampled, precision
            }
        }
        let configuration = checkpoint.configuration
        try self.init(
            checkpoint.provenance(),
            facts: configuration.units.timing(of: layer, sampleRate: configuration.data.sampleRate))
        try add(
            Options(
                maxSamples: maxSamples, resampled: resamples ? true : nil,
                precision: precision == .float32 ? nil : precision))
    }
}
