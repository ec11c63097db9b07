import Autodiff
import Layers
import Reports
import Speech
import Tensors
import VQWav2Vec

extension VQWav2VecTraining {
    /// How often each codeword was chosen in the validation, how alike codewords are, and the clip with its units.
    public func pictures(of clip: Batch, sampleRate: Int) throws -> [(tag: String, value: EventValue)] {
        var values: [(tag: String, value: EventValue)] = []
        if let usage = validationUsage {
            for group in 0..<usage.groups {
                values.append(
                    ("codebook/chosen/\(group + 1)", .histogram(counts: Array(usage.group(group)))))
            }
        }
        if let quantizer = model.quantizer {
            values.append(("codebook/similarity", .image(Self.similarity(of: quantizer))))
        }
        let spectrogram = Spectrogram(clip.waveforms, sampleRate: sampleRate)
        if let image = spectrogram.image(units: try units(of: clip, frames: spectrogram.frames)) {
            values.append(("clip/spectrogram", .image(image)))
        }
        return values
    }

    /// The unit below each frame of the spectrogram; nil without a quantizer, and for a clip too short for the model.
    private func units(of clip: Batch, frames: Int) throws -> [Int]? {
        guard clip.samples >= configuration.model.minimumTrainingSamples, frames > 0 else { return nil }
        let output = try model.step(
            clip.tensor, temperature: temperatures.temperature(at: 0), losses: losses,
            noise: StepNoise(training: false, seed: configuration.training.seed, items: clip.ids),
            on: Tape(recording: false))
        guard let quantization = output.quantization else { return nil }
        let (ids, groups) = (quantization.noiseFreeIDs, quantization.groups)
        let count = ids.count / groups
        return (0..<frames).map { frame in
            let first = min(frame * count / frames, count - 1) * groups
            return ids[first..<first + groups].reduce(0) { $0 * quantization.variables + Int($1) }
        }
    }

    /// Pixels of a side at most: codewords beyond share one.
    private static let side = 256

    /// The cosines of all pairs of codewords, from −1 to 1, group after group.
    private static func similarity(of quantizer: any Quantizer) -> PNGImage {
        let rows = quantizer.codebookRows(on: Tape(recording: false)).value
        let (count, width) = (rows.shape[0], rows.shape[1])
        let values = rows.values
        let vectors = (0..<count).map { row in
            let vector = values[row * width..<(row + 1) * width].map(Double.init)
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { length > 0 ? $0 / length : 0 }
        }
        let side = min(count, Self.side)
        let places = (0..<side).map { $0 * count / side }
        let pixels = places.flatMap { row in
            places.flatMap { column in
                ColorScale.color(
                    0.5 + 0.5 * zip(vectors[row], vectors[column]).reduce(0) { $0 + $1.0 * $1.1 })
            }
        }
        return PNGImage(width: side, height: side, pixels: pixels)
    }
}
