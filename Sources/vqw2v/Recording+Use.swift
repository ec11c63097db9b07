import Interchange
import Speech
import Training
import VQWav2Vec

extension Sound {
    /// Refuses a recording that is not the listed one, and one without sound.
    /// - Throws: `AudioError`.
    func requireUsable(as recording: Recording, resampled: Bool) throws {
        if let listed = recording.listedSamples, listed != count, !resampled {
            throw AudioError(
                "\(recording.path): has \(count) samples, not the \(listed) of its manifest: make the "
                    + "manifest anew")
        }
        if let silence { throw AudioError("\(recording.path): \(silence.explanation)") }
    }
}

extension OutputDescription {
    /// Of outputs that a checkpoint's model makes.
    init(_ checkpoint: Checkpoint, hash: FileHash, layer: FeatureLayer = .z) throws {
        let configuration = checkpoint.configuration
        try self.init(
            program: Checkpoint.programVersion, checkpoint: hash, configuration: configuration.json(),
            timing: configuration.model.timing(of: layer, sampleRate: configuration.data.sampleRate))
    }
}
