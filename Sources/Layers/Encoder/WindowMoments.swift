import Autodiff
import CKernels
import Tensors

/// What the windows of a waveform, k samples every `stride`, add up to:
///
///     S[j] = Σ_t x[t·stride + j]        R[j, i] = Σ_t x[t·stride + j] · x[t·stride + i]
///
/// A convolution with one input channel is linear in the windows, so its moments and much of its gradient
/// follow from these without its output. In double precision, in which the product of two float32 is exact.
struct WindowMoments: Sendable {
    let kernel: Int
    /// S, [k].
    private(set) var sums: [Double]
    /// R, [k, k].
    private(set) var products: [Double]

    init(kernel: Int) {
        self.kernel = kernel
        sums = [Double](repeating: 0, count: kernel)
        products = [Double](repeating: 0, count: kernel * kernel)
    }

    /// Adds some windows.
    /// - Parameter samples: (windows − 1)·stride + k of them.
    mutating func add(_ samples: UnsafePointer<Float>, windows: Int, stride: Int) {
        vq_window_moments(samples, windows, stride, kernel, &sums, &products)
    }

    static func += (total: inout Self, part: Self) {
        for index in total.sums.indices { total.sums[index] += part.sums[index] }
        for index in total.products.indices { total.products[index] += part.products[index] }
    }

    /// The moments of all values of y[t, o] = Σ_j w[o, j] x[t·stride + j]:
    ///
    ///     Σ y = Σ_{o, j} w[o, j] S[j]       Σ y² = Σ_o w_oᵀ R w_o = Σ_{j, i} R[j, i] (WᵀW)[j, i]
    ///
    /// The variance that follows is within 10⁻¹² of the mean square, so that also a waveform with a large
    /// constant part loses nothing: the norm adds ε = 10⁻⁵ to it.
    ///
    func moments(_ weight: Taps) -> GroupMoments {
        var moments = GroupMoments()
        var (power, gain) = (0.0, 0.0)
        for j in 0..<kernel {
            moments.sum += sums[j] * weight.sums[j]
            for i in 0..<kernel {
                let place = j * kernel + i
                moments.squares += weight.products[place] * products[place]
                if i == j { (power, gain) = (power + products[place], gain + weight.products[place]) }
            }
        }
        // No partial sum of y is larger than √(Σx² Σw²). Beyond float32 the encoder's output is not finite.
        let limit = Double(Float.greatestFiniteMagnitude)
        if !(power.squareRoot() * gain.squareRoot() < limit) { moments.squares = .nan }
        return moments
    }

    /// What the moments need to know of a weight, the same for all waveforms: Σ_o w[o, j] and WᵀW.
    struct Taps {
        /// [k].
        let sums: [Double]
        /// [k, k].
        let products: [Double]

        /// - Parameters:
        ///   - weight: [k, C].
        ///   - group: the channels that are summed over.
        private init(_ weight: Tensor, group: Range<Int>) {
            let (kernel, channels) = (weight.shape[0], weight.shape[1])
            sums = (0..<kernel).map { j in
                let wj = weight.pointer + j * channels
                return group.reduce(0.0) { $0 + Double(wj[$1]) }
            }
            products = (0..<kernel * kernel).map { place in
                let wj = weight.pointer + place / kernel * channels
                let wi = weight.pointer + place % kernel * channels
                return group.reduce(0.0) { $0 + Double(wj[$1]) * Double(wi[$1]) }
            }
        }

        /// Of each group of channels.
        static func groups(_ count: Int, of weight: Tensor) -> [Taps] {
            let width = weight.shape[1] / count
            return (0..<count).map { Taps(weight, group: $0 * width..<($0 + 1) * width) }
        }
    }

    /// The matrix R of a longer kernel would take more work than the convolution.
    static let longestKernel = 64

    /// Windows that are added up in one go.
    static let tile = 1 << 14
}
