import Layers
import Tensors
import Wav2Vec2

extension WorkCost {
    /// A training update of wav2vec 2.0 on a batch of crops.
    public static func update(
        _ model: Wav2Vec2Configuration, parameters: Int, batch: Int, samples: Int,
        precision: Precision = .float32
    ) -> WorkCost {
        var cost = WorkCost(precision: precision)
        let frames = cost.addExtractor(model, batch: batch, samples: samples, use: .training)
        cost.addTransformer(model, batch: batch, frames: frames, training: true)
        // About half of the frames are masked.
        let masked = batch * frames / 2
        cost.addTargets(model, rows: masked, training: true)
        let candidates = 1 + model.prediction.negatives
        cost.addProduct(
            rows: masked, inner: model.transformer.width, columns: model.targetWidth, training: true)
        cost.add(
            operations: 3 * 2 * Double(masked * candidates * model.targetWidth),
            floats: 3 * masked * model.targetWidth)
        // As for vq-wav2vec: weights, gradients and Adam.
        cost.add(floats: 10 * parameters)
        return cost
    }

    /// The ids of a recording.
    public static func tokens(_ model: Wav2Vec2Configuration, samples: Int) -> WorkCost {
        var cost = WorkCost()
        let frames = cost.addExtractor(model, batch: 1, samples: samples, use: .inference)
        cost.addProduct(
            rows: frames, inner: model.extractedChannels, columns: model.codewords, training: false)
        return cost
    }

    /// The transformer's output for a recording.
    public static func contexts(_ model: Wav2Vec2Configuration, samples: Int) -> WorkCost {
        var cost = WorkCost()
        let frames = cost.addExtractor(model, batch: 1, samples: samples, use: .inference)
        cost.addTransformer(model, batch: 1, frames: frames, training: false)
        return cost
    }

    /// - Returns: frames of z.
    private mutating func addExtractor(
        _ model: Wav2Vec2Configuration, batch: Int, samples: Int, use: ConvolutionCost.Use
    ) -> Int {
        var (frames, channels) = (samples, 1)
        for (index, layer) in model.extractor.layers.enumerated() {
            // The first block's output is not stored.
            addConvolution(input: [batch, frames, channels], layer, use: use, storesInput: index > 1)
            (frames, channels) = (layer.length.outputs(frames), layer.channels)
            if use == .training, index > 0 { add(floats: 5 * batch * frames * channels) }
        }
        return frames
    }

    /// Positions, linear maps and attention.
    private mutating func addTransformer(
        _ model: Wav2Vec2Configuration, batch: Int, frames: Int, training: Bool
    ) {
        let transformer = model.transformer
        let (rows, width, inner) = (batch * frames, transformer.width, transformer.innerWidth)
        addProduct(rows: rows, inner: model.extractedChannels, columns: width, training: training)
        let positions = GroupedConvolutionCost(
            input: [batch, frames, width],
            weight: [
                transformer.positionGroups, transformer.positionKernel, width / transformer.positionGroups,
                width / transformer.positionGroups,
            ])
        let passes = training ? 3.0 : 1
        operations += passes * positions.operations
        directOperations += passes * positions.direct
        add(floats: Int(passes) * 2 * rows * width)
        for _ in 0..<transformer.layers {
            for (inputs, outputs) in [(width, 3 * width), (width, width), (width, inner), (inner, width)] {
                addProduct(rows: rows, inner: inputs, columns: outputs, training: training)
            }
            // Scores and mixtures; backward scores once more, and four gradients.
            let product = 2 * Double(rows) * Double(frames * width)
            add(operations: (training ? 7 : 2) * product, floats: (training ? 12 : 4) * rows * width)
        }
    }

    private mutating func addTargets(_ model: Wav2Vec2Configuration, rows: Int, training: Bool) {
        addProduct(rows: rows, inner: model.extractedChannels, columns: model.codewords, training: training)
        addProduct(
            rows: rows, inner: model.quantizedChannels, columns: model.targetWidth, training: training)
        // ⟨g, E_j⟩ of every codeword, backward.
        add(
            operations: 2 * Double(rows * model.codewords * model.quantizedChannels / model.quantizer.groups),
            floats: rows * model.codewords)
    }
}
