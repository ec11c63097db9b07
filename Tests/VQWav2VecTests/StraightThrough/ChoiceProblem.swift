import Autodiff
import Foundation
import Layers
import Tensors

/// A small random problem of `Tape.gumbelStraightThrough`, and its mathematics in double precision, written
/// down as the equations stand.
///
///     p = softmax((l + n)/τ)        ẑ = E[argmax(l + n)]        g = ∂L/∂ẑ
struct ChoiceProblem {
    let frames = 24
    let groups = 2
    let variables = 20
    let width = 5
    /// Whether the groups share a codebook.
    let isShared: Bool
    /// l [R, G·V].
    let logits: [Float]
    /// n [R, G·V].
    let noise: [Float]
    /// E [G·V, d], or [V, d] where it is shared.
    let codebook: [Float]
    /// g [R, G·d].
    let upstream: [Float]

    init(isShared: Bool = true) {
        self.isShared = isShared
        logits = normal(frames * groups * variables, item: 1)
        let stream = RandomStream(seed: 5, purpose: .test, item: 2)
        noise = Tensor.gumbelNoise(shape: [logits.count], streams: [stream]).values
        codebook = normal((isShared ? 1 : groups) * variables * width, item: 3)
        upstream = normal(frames * groups * width, item: 4)
    }

    struct Result {
        let quantized: [Float]
        let ids: [Int]
        let logitsGradient: [Float]
        let codebookGradient: [Float]
    }

    /// The operation under test, forward and backward, with some inputs replaced.
    func run(
        temperature: Float = 1, logits: [Float]? = nil, codebook: [Float]? = nil, upstream: [Float]? = nil
    ) -> Result {
        let tape = Tape()
        let shape = [frames, groups * variables]
        let l = Variable.parameter(Tensor(logits ?? self.logits, shape: shape))
        let e = Variable.parameter(
            Tensor(codebook ?? self.codebook, shape: [self.codebook.count / width, width]))
        let (quantized, ids) = tape.gumbelStraightThrough(
            logits: l, codebook: e, groups: groups, noise: Tensor(noise, shape: shape),
            temperature: temperature)
        tape.backward(from: quantized, seed: Tensor(upstream ?? self.upstream, shape: quantized.shape))
        return Result(
            quantized: quantized.value.values, ids: ids.map(Int.init),
            logitsGradient: l.gradient?.values ?? [], codebookGradient: e.gradient?.values ?? [])
    }

    /// Every choice that is made: a frame and a group.
    var choices: [(frame: Int, group: Int)] {
        (0..<frames).flatMap { frame in (0..<groups).map { (frame, $0) } }
    }

    /// The place of a choice's first logit in [R, G·V].
    func firstLogit(_ choice: (frame: Int, group: Int)) -> Int {
        (choice.frame * groups + choice.group) * variables
    }

    /// The row of E that an id means.
    func row(_ id: Int, group: Int) -> Int { (isShared ? 0 : group * variables) + id }

    /// l + n of one choice.
    func noisyLogits(_ choice: (frame: Int, group: Int)) -> [Double] {
        let first = firstLogit(choice)
        return (first..<first + variables).map { Double(logits[$0]) + Double(noise[$0]) }
    }

    /// E g of one choice: how a unit of each codeword would change the loss.
    func codewordSlopes(_ choice: (frame: Int, group: Int)) -> [Double] {
        (0..<variables).map { id in
            score(of: codebook, row: row(id, group: choice.group), choice)
        }
    }

    /// ⟨g, row⟩ for a row of a matrix of width d.
    func score(of matrix: [Float], row: Int, _ choice: (frame: Int, group: Int)) -> Double {
        let g = (choice.frame * groups + choice.group) * width
        return (0..<width).reduce(0) {
            $0 + Double(upstream[g + $1]) * Double(matrix[row * width + $1])
        }
    }

    /// ⟨g, Eᵀp⟩ of one choice: the soft relaxation, seen through g.
    func softScore(noisyLogits: [Double], slopes: [Double], temperature: Double) -> Double {
        zip(softmax(noisyLogits, temperature: temperature), slopes).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

/// softmax(x/τ).
func softmax(_ x: [Double], temperature: Double) -> [Double] {
    let top = x.max() ?? 0
    let e = x.map { exp(($0 - top) / temperature) }
    let sum = e.reduce(0, +)
    return e.map { $0 / sum }
}

/// (1/τ)(diag p − ppᵀ) s.
func throughSoftmax(_ s: [Double], p: [Double], temperature: Double) -> [Double] {
    let mean = zip(p, s).reduce(0) { $0 + $1.0 * $1.1 }
    return zip(p, s).map { $0 * ($1 - mean) / temperature }
}

/// (f(x + δ) − f(x − δ)) / 2δ in each coordinate.
func centralDifferences(_ x: [Double], step: Double = 1e-5, of f: ([Double]) -> Double) -> [Double] {
    x.indices.map { index in
        var (up, down) = (x, x)
        up[index] += step
        down[index] -= step
        return (f(up) - f(down)) / (2 * step)
    }
}

/// The largest |a − b| in units of the largest |b|: the error of a tensor. Infinite where counts differ.
func error(_ a: [Float], _ b: [Double]) -> Double {
    let scale = b.map(abs).max() ?? 0
    guard a.count == b.count, scale > 0 else { return .infinity }
    return zip(a, b).map { abs(Double($0) - $1) }.max().map { $0 / scale } ?? .infinity
}

/// The largest |a − b|; infinite where counts differ.
func distance(_ a: [Float], _ b: [Float]) -> Float {
    a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

/// Standard normal values that never change.
func normal(_ count: Int, item: Int) -> [Float] {
    var stream = RandomStream(seed: 5, purpose: .test, item: item)
    return (0..<count).map { _ in stream.nextNormal() }
}
