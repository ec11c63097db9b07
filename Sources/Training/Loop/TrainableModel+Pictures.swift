import Autodiff
import Layers
import Reports
import Speech

extension TrainableModel {
    /// What TensorBoard shows of the model after a validation: how often each codeword was chosen in it, and how alike
    /// codewords are.
    func pictures() -> [(tag: String, value: EventValue)] {
        var values: [(tag: String, value: EventValue)] = []
        if let usage = validationUsage {
            for group in 0..<usage.groups {
                values.append(
                    ("codebook/chosen/\(group + 1)", .histogram(counts: Array(usage.group(group)))))
            }
        }
        if let quantizer { values.append(("codebook/similarity", .image(quantizer.similarity()))) }
        return values
    }

    /// The spectrogram of a clip with its units; nil for one that is too short to have any.
    /// - Parameter clip: one recording of the validation, the same every time.
    /// - Throws: where the clip cannot be used.
    func picture(of clip: Batch, sampleRate: Int) throws -> PNGImage? {
        let spectrogram = Spectrogram(clip.waveforms, sampleRate: sampleRate)
        return spectrogram.image(units: try units(of: clip, frames: spectrogram.frames))
    }

    /// The unit below each frame of the spectrogram; nil without a quantizer, and for a clip too short for the model.
    private func units(of clip: Batch, frames: Int) throws -> [Int]? {
        guard let quantizer else { return nil }
        do {
            let units = try units(of: clip.waveforms)
            return (0..<frames).map { frame in
                units[min(frame * units.frames / frames, units.frames - 1)]
                    // A colour is chosen by it, so what overflows is left out.
                    .reduce(0) { ($0 &* quantizer.variables &+ Int($1)) & .max }
            }
        } catch ModelError.tooShort {
            return nil
        }
    }
}

extension Quantizer {
    /// The cosines of all pairs of codewords, from −1 to 1, group after group.
    /// - Parameter largest: pixels of a side at most: codewords beyond share one.
    fileprivate func similarity(largest: Int = 256) -> PNGImage {
        let rows = codebookRows(on: Tape(recording: false)).value
        let (count, width) = (rows.shape[0], rows.shape[1])
        let values = rows.values
        let vectors = (0..<count).map { row in
            let vector = values[row * width..<(row + 1) * width].map(Double.init)
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { length > 0 ? $0 / length : 0 }
        }
        let side = min(count, largest)
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
