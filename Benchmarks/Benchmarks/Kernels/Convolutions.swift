import Autodiff
import Benchmark
import Layers
import Measuring
import Tensors
import VQWav2Vec
import Workloads

/// The convolutions of encoder and aggregator, forward and backward (both gradients).
func registerConvolutions() {
    let model = PaperModel.configuration().model
    var (frames, channels) = (PaperModel.cropSamples, 1)
    for (index, layer) in model.encoder.layers.enumerated() {
        // Layers of one tap are alike.
        if layer.kernel > 1 || model.encoder.layers[index - 1].kernel > 1 {
            registerConvolution("encoder \(index)", input: [1, frames, channels], layer)
        }
        (frames, channels) = ((frames - layer.kernel) / layer.stride + 1, layer.channels)
    }
    for layer in model.aggregator.layers {
        registerConvolution("aggregator", input: [1, frames + layer.kernel - 1, channels], layer)
    }
    registerFirstBlocks(model)
}

private func registerConvolution(_ stack: String, input: [Int], _ layer: ConvolutionLayer) {
    let weightShape = [layer.channels, layer.kernel, input[2]]
    let cost = ConvolutionCost(input: input, weight: weightShape, stride: layer.stride)
    let name = "\(stack), k \(layer.kernel) s \(layer.stride), \(cost.algorithm)"
    let isWaveform = input[2] == 1
    func setup() -> (x: Variable, weight: Variable, dy: Tensor) {
        let frames = (input[1] - layer.kernel) / layer.stride + 1
        let x = PaperModel.tensor(input)
        return (
            isWaveform ? .constant(x) : .parameter(x), .parameter(PaperModel.tensor(weightShape)),
            PaperModel.tensor([input[0], frames, layer.channels])
        )
    }
    kernel("\(name), forward", .operations(cost.direct), setup: setup) { operands, timed in
        let tape = Tape(recording: false)
        timed { _ = tape.convolve(operands.x, weight: operands.weight, stride: layer.stride) }
    }
    kernel("\(name), backward", .operations((isWaveform ? 1 : 2) * cost.direct), setup: setup) {
        operands, timed in
        let tape = Tape()
        let y = tape.convolve(operands.x, weight: operands.weight, stride: layer.stride)
        timed { tape.backward(from: y, seed: operands.dy) }
        operands.x.clearGradient()
        operands.weight.clearGradient()
    }
}

/// The first block and the second's convolution, as training computes them: nothing of the first is stored.
private func registerFirstBlocks(_ model: ModelConfiguration) {
    let (first, second) = (model.encoder.layers[0], model.encoder.layers[1])
    let samples = PaperModel.cropSamples
    let middle = (samples - first.kernel) / first.stride + 1
    let outer = ConvolutionCost(
        input: [1, samples, 1], weight: [first.channels, first.kernel, 1], stride: first.stride)
    let inner = ConvolutionCost(
        input: [1, middle, first.channels], weight: [second.channels, second.kernel, first.channels],
        stride: second.stride)
    func setup() -> (waveforms: Tensor, block: WaveformBlock, parameters: [Variable], dy: Tensor) {
        let parameters = [
            [first.channels, first.kernel, 1], [first.channels], [first.channels],
            [second.channels, second.kernel, first.channels],
        ].map { Variable.parameter(PaperModel.tensor($0)) }
        let block = WaveformBlock(
            weight: parameters[0], normWeight: parameters[1], normBias: parameters[2],
            activation: model.activation, stride: first.stride)
        let frames = (middle - second.kernel) / second.stride + 1
        return (
            PaperModel.tensor([1, samples]), block, parameters,
            PaperModel.tensor([1, frames, second.channels])
        )
    }
    let name = "encoder 0 and 1 as one, \(inner.algorithm)"
    kernel("\(name), forward", .operations(outer.direct + inner.direct), setup: setup) { operands, timed in
        let tape = Tape(recording: false)
        timed {
            _ = tape.convolve(
                operands.waveforms, through: operands.block, weight: operands.parameters[3],
                stride: second.stride)
        }
    }
    kernel("\(name), backward", .operations(outer.direct + 2 * inner.direct), setup: setup) {
        operands, timed in
        let tape = Tape()
        let y = tape.convolve(
            operands.waveforms, through: operands.block, weight: operands.parameters[3], stride: second.stride
        )
        timed { if let y { tape.backward(from: y, seed: operands.dy) } }
        for parameter in operands.parameters { parameter.clearGradient() }
    }
}
