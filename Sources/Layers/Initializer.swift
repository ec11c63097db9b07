import Tensors

/// How PyTorch initialises a layer, with a stream of our own so that a seed always gives the same model.
package struct Initializer {
    private var streams = 0
    private let seed: Int?

    /// - Parameter seed: nil leaves the memory of everything that would be random untouched.
    package init(seed: Int?) { self.seed = seed }

    /// A stream for the next parameter.
    private mutating func nextStream() -> RandomStream? {
        defer { streams += 1 }
        return seed.map { RandomStream(seed: $0, purpose: .parameters, item: streams) }
    }

    /// U(−1/√fanIn, 1/√fanIn): PyTorch's default for weights and biases of convolutions and linear maps.
    package mutating func fan(_ fanIn: Int) -> (Tensor) -> Void {
        let bound = 1 / Float(fanIn).squareRoot()
        return uniform(-bound, bound)
    }

    package mutating func uniform(_ low: Float, _ high: Float) -> (Tensor) -> Void {
        guard var stream = nextStream() else { return { _ in } }
        return { tensor in
            for index in 0..<tensor.count {
                tensor.pointer[index] = low + (high - low) * stream.nextUniform()
            }
        }
    }

    package mutating func normal(deviation: Float) -> (Tensor) -> Void {
        guard var stream = nextStream() else { return { _ in } }
        return { tensor in
            for index in 0..<tensor.count { tensor.pointer[index] = deviation * stream.nextNormal() }
        }
    }
}

package func ones(_ tensor: Tensor) { tensor.fill(1) }
package func zeros(_ tensor: Tensor) { tensor.fill(0) }

extension RandomStream.Purpose {
    static let parameters = RandomStream.Purpose(1)
}
