import GoldenSupport
import Layers
import TensorFiles
import Tensors
import Wav2Vec2

/// A batch and all that was drawn for it.
struct GoldenInputs {
    private let golden: GoldenCase
    private let file: SafetensorsFile
    private let prefix: String
    private let configuration: Wav2Vec2Configuration

    /// - Parameter prefix: of the names of tensors, such as `step0.`.
    init(
        _ golden: GoldenCase, _ configuration: Wav2Vec2Configuration, file: String = "inputs",
        prefix: String = ""
    ) throws {
        (self.golden, self.configuration, self.prefix) = (golden, configuration, prefix)
        self.file = try golden.tensors(file)
    }

    private func has(_ name: String) -> Bool { file.contains(prefix + name) }

    func tensor(_ name: String) throws -> Tensor { try file.tensor(prefix + name) }

    /// Where a mask is 1, for each of its rows.
    func indices(_ name: String) throws -> [[Int]] {
        let columns = try file.entry(prefix + name).shape[1]
        let mask = try file.integers(prefix + name)
        return (0..<mask.count / columns).map { row in
            (0..<columns).filter { mask[row * columns + $0] == 1 }
        }
    }

    func task() throws -> PredictionTask {
        let masked = try indices("mask_indices")
        let negatives = FairseqNegatives(
            configuration, batch: golden.info.batch, frames: golden.info.frames, masked: masked[0].count)
        var draws: [[Int]] = []
        for count in [
            configuration.prediction.negatives, configuration.prediction.crossSampleNegatives,
            configuration.prediction.codebookNegatives,
        ] {
            draws.append(
                count > 0
                    ? try file.integers(prefix + "randint.\(draws.count { !$0.isEmpty })").map { Int($0) }
                    : [])
        }
        return PredictionTask(
            masked: masked,
            zeroedChannels: has("mask_channel_indices") ? try indices("mask_channel_indices") : nil,
            negatives: negatives.rows(own: draws[0], crossSample: draws[1]),
            codebookNegatives: negatives.codes(draws[2]))
    }

    /// Noise, and what dropouts keep, in the order of their use.
    func noise(training: Bool) throws -> StepNoise {
        var draws = StoredDraws()
        for name in ["gumbel_noise_input", "gumbel_noise"] where has(name) {
            draws.gumbelNoise.append(try tensor(name))
        }
        if has("layer_u") { draws.layers = try tensor("layer_u").values }
        if has("drop.input") { draws.kept.append(try tensor("drop.input")) }
        if has("drop.features") { draws.kept.append(try tensor("drop.features")) }
        let frames = golden.info.frames
        if has("drop.encoder") {
            draws.kept.append(try tensor("drop.encoder").cropped(axis: 1, to: frames))
        }
        for layer in 0..<configuration.transformer.layers {
            let name = "drop.layer.\(layer)"
            // [B, H, T', T']; T' is T, or one more.
            if has("\(name).attn") {
                draws.kept.append(
                    try tensor("\(name).attn").cropped(axis: 2, to: frames).cropped(axis: 3, to: frames))
            }
            // [T', B, C].
            for place in 1...3 where has("\(name).\(place)") {
                draws.kept.append(
                    try tensor("\(name).\(place)").cropped(axis: 0, to: frames).transposed([1, 0, 2]))
            }
        }
        return StepNoise(training: training, items: Array(0..<golden.info.batch), stored: draws)
    }
}

extension Tensor {
    /// The first values along an axis.
    fileprivate func cropped(axis: Int, to size: Int) -> Tensor {
        let inner = shape[(axis + 1)...].reduce(1, *)
        let outer = shape[..<axis].reduce(1, *)
        var result: [Float] = []
        for row in 0..<outer {
            let start = row * shape[axis] * inner
            result += values[start..<start + size * inner]
        }
        var shape = shape
        shape[axis] = size
        return Tensor(result, shape: shape)
    }
}

/// Negatives by fairseq's index arithmetic, which excludes the frame itself in its default setting alone.
struct FairseqNegatives {
    private let prediction: MaskedPredictionConfiguration
    private let quantizer: TargetQuantizerConfiguration
    private let batch: Int
    private let masked: Int
    /// Y, of each item.
    private let candidates: Int

    init(_ configuration: Wav2Vec2Configuration, batch: Int, frames: Int, masked: Int) {
        (prediction, quantizer) = (configuration.prediction, configuration.quantizer)
        (self.batch, self.masked) = (batch, masked)
        candidates = prediction.negativesFromEverywhere ? frames : masked
    }

    /// - Parameters:
    ///   - own: [B, own · M].
    ///   - crossSample: [B, cross · M].
    /// - Returns: [B, M, K].
    func rows(own: [Int], crossSample: [Int]) -> [Int32] {
        func shifted(_ draws: [Int], _ copies: Int, item: Int) -> [Int] {
            (0..<copies * masked).map { position in
                let value = draws[item * copies * masked + position]
                return value >= position / copies ? value + 1 : value
            }
        }
        return (0..<batch).flatMap { item in
            shifted(own, prediction.negatives, item: item).map { Int32(item * candidates + $0) }
                + shifted(crossSample, prediction.crossSampleNegatives, item: item).map { Int32($0) }
        }
    }

    /// The codewords that numbers below V^G stand for.
    /// - Parameter draws: [N, B, M].
    /// - Returns: [B, M, N, G].
    func codes(_ draws: [Int]) -> [Int32] {
        let copies = prediction.codebookNegatives
        guard copies > 0 else { return [] }
        return (0..<batch * masked).flatMap { row in
            (0..<copies).flatMap { copy in
                var rest = draws[copy * batch * masked + row]
                return (0..<quantizer.groups).map { _ -> Int32 in
                    defer { rest /= quantizer.variables }
                    return Int32(rest % quantizer.variables)
                }.reversed()
            }
        }
    }
}
