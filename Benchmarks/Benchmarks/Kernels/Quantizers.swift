import Autodiff
import Benchmark
import Layers
import Measuring
import Tensors
import Workloads

/// Choice of codewords with two groups of 320, 935 frames; the linear maps of the Gumbel quantizer.
func registerQuantizers() {
    let quantizer = PaperModel.configuration().model.quantizer
    let (frames, groups, variables, width) = (935, quantizer.groups, quantizer.variables, 256)
    let search = 2 * Double(frames * groups * variables * width)

    func codebook() -> Variable { .parameter(PaperModel.tensor([variables, width], seed: 3)) }
    func gradient() -> Tensor { PaperModel.tensor([frames, groups * width], seed: 4) }

    func gumbel() -> (logits: Variable, codebook: Variable, noise: Tensor, dy: Tensor) {
        let shape = [frames, groups * variables]
        let streams = [RandomStream(seed: 1, purpose: .workload)]
        return (
            .parameter(PaperModel.tensor(shape)), codebook(), .gumbelNoise(shape: shape, streams: streams),
            gradient()
        )
    }
    // Reads logits and noise, writes codewords.
    kernel(
        "Gumbel quantizer, forward", .floats(frames * groups * (2 * variables + width)), setup: gumbel
    ) { operands, timed in
        let tape = Tape(recording: false)
        timed {
            _ = tape.gumbelStraightThrough(
                logits: operands.logits, codebook: operands.codebook, groups: groups, noise: operands.noise,
                temperature: 2)
        }
    }
    kernel("Gumbel quantizer, backward", .operations(search), setup: gumbel) { operands, timed in
        let tape = Tape()
        let (y, _) = tape.gumbelStraightThrough(
            logits: operands.logits, codebook: operands.codebook, groups: groups, noise: operands.noise,
            temperature: 2)
        timed { tape.backward(from: y, seed: operands.dy) }
        operands.logits.clearGradient()
        operands.codebook.clearGradient()
    }
    func stream() -> RandomStream { RandomStream(seed: 1, purpose: .workload) }
    kernel("Gumbel noise", .floats(frames * groups * variables), setup: stream) { stream, timed in
        timed { _ = Tensor.gumbelNoise(shape: [frames, groups * variables], streams: [stream]) }
    }

    func kmeans() -> (z: Variable, codebook: Variable) { (.parameter(gradient()), codebook()) }
    kernel("k-means quantizer, forward", .operations(search), setup: kmeans) { operands, timed in
        let tape = Tape(recording: false)
        timed {
            _ = tape.nearestCodeword(
                operands.z, codebook: operands.codebook, groups: groups, variables: variables)
        }
    }
    kernel("k-means losses, backward", .floats(3 * frames * groups * width), setup: kmeans) {
        operands, timed in
        let tape = Tape()
        let (_, ids) = tape.nearestCodeword(
            operands.z, codebook: operands.codebook, groups: groups, variables: variables)
        let loss = tape.codebookLoss(
            operands.z, codebook: operands.codebook, ids: ids, groups: groups, variables: variables,
            gamma: 0.25)
        timed { tape.backward(from: loss) }
        operands.z.clearGradient()
        operands.codebook.clearGradient()
    }
    registerLinear("linear 512 to 1024", rows: frames, inputs: 512, outputs: 1024)
    registerLinear("linear 1024 to 640", rows: frames, inputs: 1024, outputs: groups * variables)
}

func registerLinear(_ name: String, rows: Int, inputs: Int, outputs: Int) {
    let operations = 2 * Double(rows * inputs * outputs)
    func setup() -> (x: Variable, weight: Variable, dy: Tensor) {
        (
            .parameter(PaperModel.tensor([rows, inputs])), .parameter(PaperModel.tensor([outputs, inputs])),
            PaperModel.tensor([rows, outputs])
        )
    }
    kernel("\(name), forward", .operations(operations), setup: setup) { operands, timed in
        let tape = Tape(recording: false)
        timed { _ = tape.linear(operands.x, weight: operands.weight) }
    }
    kernel("\(name), backward", .operations(2 * operations), setup: setup) { operands, timed in
        let tape = Tape()
        let y = tape.linear(operands.x, weight: operands.weight)
        timed { tape.backward(from: y, seed: operands.dy) }
        operands.x.clearGradient()
        operands.weight.clearGradient()
    }
}
