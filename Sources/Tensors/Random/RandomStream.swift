import CKernels
import Foundation

/// Random numbers that depend on nothing but their key: Philox 4×32-10 (Salmon et al., "Parallel random
/// numbers: as easy as 1, 2, 3", 2011), a counter-based generator.
///
/// A stream is named by (seed, purpose, update, item, draw), so results do not depend on threads, on the order
/// of a batch, or on a restart in the middle of training.
public struct RandomStream: Sendable {
    /// What the numbers are for. Streams of different purposes never overlap. Who draws numbers gives their
    /// purpose a name, as a constant of this type, and a number that no other one has.
    public struct Purpose: Hashable, Sendable {
        public let number: UInt32

        /// - Precondition: a number from 1 to 255.
        public init(_ number: UInt32) {
            precondition((1...255).contains(number), "the purpose \(number) is not within 1 and 255")
            self.number = number
        }
    }

    package let key: (UInt32, UInt32)
    package let update: UInt32
    package let item: UInt32
    package let draw: UInt32
    private var block: UInt32 = 0
    private var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    private var used = 4

    /// - Parameter draw: counts the streams of one purpose that an item needs in one update.
    public init(seed: Int, purpose: Purpose, update: Int = 0, item: Int = 0, draw: Int = 0) {
        let seed = UInt64(bitPattern: Int64(seed))
        key = (
            UInt32(truncatingIfNeeded: seed),
            UInt32(truncatingIfNeeded: seed >> 32) ^ (purpose.number << 24)
        )
        self.update = UInt32(truncatingIfNeeded: update)
        self.item = UInt32(truncatingIfNeeded: item)
        self.draw = UInt32(truncatingIfNeeded: draw)
    }

    /// The next 32 random bits.
    public mutating func nextWord() -> UInt32 {
        if used == 4 {
            words = philox4x32(counter: (block, update, item, draw), key: key)
            block &+= 1
            used = 0
        }
        defer { used += 1 }
        switch used {
        case 0: return words.0
        case 1: return words.1
        case 2: return words.2
        default: return words.3
        }
    }

    /// Uniform in the open interval (0, 1), an odd multiple of 2⁻²⁴: neither end can be drawn, so
    /// logarithms of it are finite.
    public mutating func nextUniform() -> Float { Self.openUniform(nextWord()) }

    /// The uniform number that a word stands for.
    package static func openUniform(_ word: UInt32) -> Float {
        (Float(word >> 9) + 0.5) * 0x1p-23
    }

    /// From the standard normal distribution (Box–Muller).
    public mutating func nextNormal() -> Float {
        let radius = (-2 * log(Double(nextUniform()))).squareRoot()
        return Float(radius * cos(2 * Double.pi * Double(nextUniform())))
    }

    /// Uniform in 0..<bound, without bias.
    public mutating func nextInteger(below bound: Int) -> Int {
        precondition(bound > 0 && bound <= Int(UInt32.max), "a bound of \(bound) is not within 1 and 2³² − 1")
        let bound = UInt64(bound)
        let reject = (UInt64(1) << 32) % bound
        while true {
            let product = UInt64(nextWord()) * bound
            if product & 0xFFFF_FFFF >= reject { return Int(product >> 32) }
        }
    }

    /// A random permutation of 0..<count (Fisher–Yates).
    public mutating func permutation(_ count: Int) -> [Int] {
        precondition(count >= 0, "a permutation of \(count)")
        var order = Array(0..<count)
        for i in stride(from: count - 1, to: 0, by: -1) {
            order.swapAt(i, nextInteger(below: i + 1))
        }
        return order
    }
}

extension Tensor {
    /// Gumbel noise −log(−log u), u uniform in (0, 1), which is never infinite.
    /// - Parameter streams: one for each of the equal parts that the tensor is made of, such as the items
    ///   of a batch.
    /// - Precondition: the parts are equal.
    public static func gumbelNoise(shape: [Int], streams: [RandomStream]) -> Tensor {
        let noise = Tensor(uninitialized: shape)
        precondition(
            !streams.isEmpty && noise.count.isMultiple(of: streams.count),
            "noise of shape \(shape) cannot be divided equally among \(streams.count) streams")
        let part = noise.count / streams.count
        Parallel.forEach(streams.count) { index in
            let stream = streams[index]
            vq_gumbel_noise(
                noise.pointer + index * part, part, stream.key.0, stream.key.1, stream.update, stream.item,
                stream.draw)
        }
        return noise
    }
}

/// Ten rounds of Philox 4×32 on one counter.
public func philox4x32(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for _ in 0..<10 {
        let p0 = UInt64(0xD251_1F53) * UInt64(c0)
        let p1 = UInt64(0xCD9E_8D57) * UInt64(c2)
        (c0, c1, c2, c3) = (
            UInt32(p1 >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: p1),
            UInt32(p0 >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: p0)
        )
        k0 &+= 0x9E37_79B9
        k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
}
