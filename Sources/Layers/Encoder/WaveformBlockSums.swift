import Autodiff
import Tensors

/// The gradient of a `WaveformBlock`'s parameters. With y = w·x the convolution, ŷ = (y − μ)/σ, du = ∂L/∂out · act′
/// at frame t and channel c, x_j the j-th sample that the frame sees, and μ and σ those of the channel's group:
///
///     ∂L/∂normBias = Σ_t du             ∂L/∂normWeight = Σ_t du·ŷ = (Σ_j w_j Σ_t du·x_j − μ Σ_t du)/σ
///     ∂L/∂y        = a·du + b·y + k     (see `Normalization.slopes`)
///     ∂L/∂w_j      = a Σ_t du·x_j + b Σ_i w_i R[i, j] + k S[j]
///
/// So all that has to be summed over frames is Σ du and Σ du·x_j: nothing of the block is stored, and tiles that
/// overlap can add their parts of ∂L/∂out on their own.
struct WaveformBlockSums {
    private let frames: WaveformBlockFrames
    /// Σ du [C], then Σ du·x_j [k, C], of each item: [B, (k + 1)·C].
    private var totals: [Double]

    private var channels: Int { frames.block.channels }
    private var kernel: Int { frames.block.kernel }
    private var size: Int { frames.gradientSums }

    init(_ frames: WaveformBlockFrames) {
        self.frames = frames
        totals = [Double](repeating: 0, count: frames.windows.count * frames.gradientSums)
    }

    /// Adds a block of tiles of the convolution that reads the frames.
    /// - Parameter products: of which Bᵀ is a tile's part of ∂L/∂out.
    mutating func add(
        _ products: TransformedFrames, _ tiles: Range<Int>, of part: ConvolutionPart,
        _ convolution: BilinearConvolution
    ) {
        let runs = TileRuns(tiles, perItem: convolution.tilesPerItem)
        let (frames, size) = (self.frames, self.size)
        let partial = zeroTensor([runs.count, size])
        Parallel.forEach(runs.count) { run in
            for number in runs[run] {
                frames.addGradientSums(
                    products.tile(number - tiles.lowerBound), convolution.tile(number), of: part,
                    to: partial.pointer + run * size)
            }
        }
        totals.withUnsafeMutableBufferPointer { totals in
            guard let totals = totals.baseAddress.map(SharedPointer.init) else { return }
            Parallel.forEachTile(rows: size, target: 512) { _, range in
                for run in 0..<runs.count {
                    let (sums, total) = (partial.pointer + run * size, totals + runs.item(run) * size)
                    for index in range { total[index] += Double(sums[index]) }
                }
            }
        }
    }

    /// ∂L/∂weight [C, k, 1], ∂L/∂normWeight [C] and ∂L/∂normBias [C].
    func gradient() -> (weight: Tensor, normWeight: Tensor, normBias: Tensor) {
        let weight = Tensor(zeros: [channels, kernel, 1])
        let (normWeight, normBias) = (Tensor(zeros: [channels]), Tensor(zeros: [channels]))
        let items = frames.windows.count
        let norms = Parallel.map(items) { itemGradient($0) }
        Parallel.forEachTile(rows: channels, target: 32) { _, range in
            for item in 0..<items {
                for channel in range {
                    normBias.pointer[channel] += Float(totals[item * size + channel])
                    normWeight.pointer[channel] += Float(norms[item].normalized[channel])
                    addWeightGradient(norms[item], item, channel, to: weight.pointer + channel * kernel)
                }
            }
        }
        return (weight, normWeight, normBias)
    }

    /// What the norm of an item makes of its sums, for each channel: ∂L/∂y = a·du + b·y + k.
    private struct ItemGradient {
        /// Σ_t du·ŷ.
        var normalized: [Double] = []
        var slopes: [(a: Double, b: Double, k: Double)] = []
    }

    private func tap(_ j: Int, _ channel: Int) -> Double {
        Double(frames.weight.pointer[j * channels + channel])
    }

    private func gain(_ channel: Int) -> Double {
        Double(frames.block.normWeight?.value.pointer[channel] ?? 1)
    }

    private func itemGradient(_ item: Int) -> ItemGradient {
        let first = item * size
        let width = channels / frames.block.groups
        let count = Double(frames.count * width)
        var result = ItemGradient()
        for (group, moments) in frames.moments[item].enumerated() {
            let normalization = moments.normalization(count: count)
            let (mean, inverse) = (normalization.mean, normalization.inverseDeviation)
            let members = group * width..<(group + 1) * width
            var (meanDu, meanDuy) = (0.0, 0.0)
            for channel in members {
                let duy = (0..<kernel).reduce(0.0) {
                    $0 + tap($1, channel) * totals[first + ($1 + 1) * channels + channel]
                }
                let du = totals[first + channel]
                let duNormalized = inverse * (duy - mean * du)
                result.normalized.append(duNormalized)
                meanDu += gain(channel) * du / count
                meanDuy += gain(channel) * duNormalized / count
            }
            let slopes = normalization.slopes(meanDu: meanDu, meanDux: meanDuy)
            for channel in members { result.slopes.append((gain(channel) * inverse, slopes.b, slopes.k)) }
        }
        return result
    }

    private func addWeightGradient(
        _ norm: ItemGradient, _ item: Int, _ channel: Int, to weight: UnsafeMutablePointer<Float>
    ) {
        let (windows, slopes) = (frames.windows[item], norm.slopes[channel])
        for j in 0..<kernel {
            let window = (0..<kernel).reduce(0.0) {
                $0 + tap($1, channel) * windows.products[$1 * kernel + j]
            }
            let sum = totals[item * size + (j + 1) * channels + channel]
            weight[j] += Float(slopes.a * sum + slopes.b * window + slopes.k * windows.sums[j])
        }
    }
}
