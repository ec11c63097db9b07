import Layers
import Tensors
import VQWav2Vec

extension WorkCost {
    /// A training update on a batch of crops.
    public static func update(
        _ model: ModelConfiguration, parameters: Int, batch: Int, samples: Int,
        precision: Precision = .float32
    ) -> WorkCost {
        var cost = WorkCost(precision: precision)
        let frames = cost.addEncoder(model, batch: batch, samples: samples, use: .training)
        cost.addQuantizer(model, rows: batch * frames, training: true)
        cost.addAggregator(model, batch: batch, frames: frames)
        cost.addPrediction(model, batch: batch, frames: frames)
        // Weights are read forward and backward and their gradient is written; Adam reads weight, gradient and
        // both moments and writes all but the gradient.
        cost.add(floats: 10 * parameters)
        return cost
    }

    /// The ids of a recording.
    public static func tokens(
        _ model: ModelConfiguration, samples: Int, precision: Precision = .float32
    ) -> WorkCost {
        var cost = WorkCost(precision: precision)
        let frames = cost.addEncoder(model, batch: 1, samples: samples, use: .inference)
        cost.addQuantizer(model, rows: frames, training: false)
        return cost
    }

    /// - Returns: frames of z.
    private mutating func addEncoder(
        _ model: ModelConfiguration, batch: Int, samples: Int, use: ConvolutionCost.Use
    ) -> Int {
        var (frames, channels) = (samples, 1)
        for (index, layer) in model.encoder.layers.enumerated() {
            // The first block's output is not stored: the second computes it, forward and again backward.
            let isStored = index > 1
            let input = [batch, frames, channels]
            addConvolution(input: input, layer, use: use, storesInput: isStored)
            (frames, channels) = ((frames - layer.kernel) / layer.stride + 1, layer.channels)
            if index > 0 {
                addNorm(values: batch * frames * channels, training: use == .training)
            }
        }
        return frames
    }

    /// A convolution, and its gradients in training.
    mutating func addConvolution(
        input: [Int], _ layer: ConvolutionLayer, use: ConvolutionCost.Use, storesInput: Bool
    ) {
        let cost = ConvolutionCost(
            input: input, weight: [layer.channels, layer.kernel, input[2]], stride: layer.stride, use: use,
            precision: precision)
        let isWaveform = input[2] == 1
        let outputs =
            isWaveform ? 0 : input[0] * ((input[1] - layer.kernel) / layer.stride + 1) * layer.channels
        let inputs = storesInput ? input.reduce(1, *) : 0
        guard use == .training else {
            operations += cost.forward
            directOperations += cost.direct
            bytes += 4 * Double(inputs + outputs)
            return
        }
        // The waveform has no gradient; its convolution is computed once more instead.
        operations += cost.forward + cost.inputGradient + cost.weightGradient
        directOperations += (isWaveform ? 2 : 3) * cost.direct
        bytes += 4 * Double(3 * inputs + 2 * outputs)
    }

    /// Norm and activation, one pass forward; backward it reads x and ∂L/∂y and writes ∂L/∂x. In inference the
    /// next layer does it on what it reads.
    private mutating func addNorm(values: Int, training: Bool) {
        add(floats: training ? 5 * values : 0)
    }

    private mutating func addQuantizer(_ model: ModelConfiguration, rows: Int, training: Bool) {
        let quantizer = model.quantizer
        let channels = model.encoder.layers.last?.channels ?? 0
        let codewords = quantizer.groups * quantizer.variables
        let width = channels / max(1, quantizer.groups)
        switch quantizer.kind {
        case .gumbel:
            var inner = channels
            for depth in 0..<quantizer.depth {
                let isLast = depth == quantizer.depth - 1
                // fairseq's hidden width: the input's times the depth's factor of two.
                let columns = isLast ? codewords : 2 * channels
                addProduct(rows: rows, inner: inner, columns: columns, training: training)
                inner = columns
            }
            // ⟨g, E_j⟩ of every codeword, backward.
            if training { add(operations: 2 * Double(rows * codewords * width), floats: rows * codewords) }
        case .kmeans:
            for _ in 0..<quantizer.groups {
                addProduct(rows: rows, inner: width, columns: width, training: training)
            }
            add(operations: 2 * Double(rows * codewords * width), floats: rows * channels)
        case .none:
            break
        }
    }

    private mutating func addAggregator(_ model: ModelConfiguration, batch: Int, frames: Int) {
        var channels = model.encoder.layers.last?.channels ?? 0
        for layer in model.aggregator.layers {
            let input = [batch, frames + layer.kernel - 1, channels]
            addConvolution(input: input, layer, use: .training, storesInput: true)
            channels = layer.channels
            let values = batch * frames * channels
            addNorm(values: values, training: true)
            // The residual sum reads two and writes one, and backward reads and writes one.
            if model.aggregator.skipConnections { add(floats: 5 * values) }
        }
    }

    private mutating func addPrediction(_ model: ModelConfiguration, batch: Int, frames: Int) {
        let (steps, channels) = (model.prediction.steps, model.encoder.layers.last?.channels ?? 0)
        let context = model.aggregator.layers.last?.channels ?? 0
        addProduct(rows: batch * frames, inner: context, columns: steps * channels, training: true)
        let geometry = PredictionGeometry(
            batch: batch, frames: frames, predictedSteps: steps, firstStep: model.firstStep,
            negatives: model.prediction.negatives)
        add(
            operations: 3 * 2 * Double(geometry.rows * geometry.copies * channels),
            floats: 3 * geometry.rows * channels)
    }
}
