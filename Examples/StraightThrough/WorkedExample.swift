import Autodiff
import Foundation
import Layers
import Tensors

/// Where the gradient of one quantized frame goes: prints the numbers of `docs/straight-through.md`.
///
///     swift run -c release straight-through-example
@main
package struct WorkedExample {
    // One frame, one group, V = 3 codewords of width d = 2.
    let logits: [Float] = [0.8, 0.5, -0.2]
    let noise: [Float] = [-0.3, 0.6, 0.4]
    let codebook: [[Float]] = [[1, 0.2], [0.1, 0.9], [-0.6, -0.4]]
    let temperature: Float = 2
    /// h, what the context predicts for this frame.
    let prediction: [Float] = [1, -0.5]

    package init() {}
    static func main() { for line in WorkedExample().lines() { print(line) } }

    /// ẑ = E[argmax(l + n)], L = −log σ⟨h, ẑ⟩ (paper, equation 1, the true frame alone), and back.
    func pass(_ values: [Float], detached: Bool = false, diversity: Bool = false) -> Pass {
        let tape = Tape(keepingGradients: true)
        let l = Variable.parameter(Tensor(values, shape: [1, 3]))
        let e = Variable.parameter(Tensor(codebook.flatMap { $0 }, shape: [3, 2]))
        let (zhat, ids) = tape.gumbelStraightThrough(
            logits: l, codebook: e, groups: 1, noise: Tensor(noise, shape: [1, 3]), temperature: temperature)
        let h = Variable.constant(Tensor(prediction, shape: [1, 2]))
        let score = tape.linear(detached ? tape.detach(zhat) : zhat, weight: h)
        let loss = tape.binaryContrastiveLoss(score, negativeWeight: 1)
        var terms = [(loss, weight: Float(1))]
        if diversity { terms.append((tape.softmaxPerplexity(logits: l, groups: 1).0, weight: -1)) }
        tape.backward(from: tape.weightedSum(terms))
        return Pass(id: Int(ids[0]), zhat: zhat, loss: Double(loss.value.scalar), logits: l, codebook: e)
    }

    struct Pass {
        let (id, zhat, loss): (Int, Variable, Double)
        let (logits, codebook): (Variable, Variable)
    }

    /// p = softmax((l + n)/τ), in double precision.
    func softmax(_ logits: [Double]) -> [Double] {
        let e = zip(logits, noise).map { exp(($0 + Double($1)) / Double(temperature)) }
        return e.map { $0 / e.reduce(0, +) }
    }

    /// (f(l + δ) − f(l − δ)) / 2δ for each logit.
    func differences(_ f: ([Double]) -> Double) -> [Double] {
        let (l, step) = (logits.map(Double.init), 1e-3)
        return l.indices.map { j in
            var (up, down) = (l, l)
            up[j] += step
            down[j] -= step
            return (f(up) - f(down)) / (2 * step)
        }
    }

    package func lines() -> [String] {
        let whole = pass(logits)
        let g = gradient(whole.zhat)
        let slopes = codebook.map { dot($0.map(Double.init), g) }
        let dE = gradient(whole.codebook)
        let cut = pass(logits, detached: true)
        let both = pass(logits, detached: true, diversity: true)
        var (values, step, steps) = (logits, whole, 0)
        while step.id == whole.id && steps < 100 {
            values = zip(values, gradient(step.logits)).map { $0 - Float($1) }
            (step, steps) = (pass(values), steps + 1)
        }
        return [
            row("l + n", zip(logits, noise).map { Double($0 + $1) }),
            row("p = softmax((l + n)/tau)", softmax(logits.map(Double.init))),
            "i = argmax p                      \(whole.id)",
            row("zhat = E[i]", whole.zhat.value.values.map(Double.init)),
            row("L = -log sigmoid<h, zhat>", [whole.loss]), "", row("g = dL/dzhat", g), row("E g", slopes),
            row("dL/dl", gradient(whole.logits)),
            row("  differences of <g, E'p>", differences { dot(softmax($0), slopes) }),
            row("  differences of L", differences { pass($0.map(Float.init)).loss }),
            row("dL/dE[0]", dE[0..<2]), row("dL/dE[1]", dE[2..<4]), row("dL/dE[2]", dE[4..<6]), "",
            "zhat detached from L:", row("dL/dl", gradient(cut.logits)),
            row("dL/dE, all rows", gradient(cut.codebook)), "",
            "zhat detached from L, diversity loss D = V - perplexity added:",
            row("d(L + D)/dl", gradient(both.logits)),
            row("d(L + D)/dE, all rows", gradient(both.codebook)), "",
            "l <- l - dL/dl, \(steps) times, the same noise:",
            "i = argmax p                      \(step.id)", row("L = -log sigmoid<h, zhat>", [step.loss]),
        ]
    }
}

private func gradient(_ x: Variable) -> [Double] {
    (x.gradient ?? Tensor(zeros: x.shape)).values.map(Double.init)
}

private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

private func row(_ label: String, _ values: some Sequence<Double>) -> String {
    label.padding(toLength: 26, withPad: " ", startingAt: 0)
        + values.map { String(format: "%9.4f", $0) }.joined()
}
