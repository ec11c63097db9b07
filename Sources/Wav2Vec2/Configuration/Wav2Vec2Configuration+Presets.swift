import Layers

extension Wav2Vec2Configuration {
    /// The published BASE model: 95 million parameters.
    public static var base: Wav2Vec2Configuration { Wav2Vec2Configuration() }

    /// The published LARGE model: 317 million parameters.
    public static var large: Wav2Vec2Configuration {
        var model = Wav2Vec2Configuration()
        model.extractor.norm = .layer
        model.extractor.bias = true
        model.extractor.gradientScale = 1
        model.extractor.normalizesWaveforms = true
        (model.extractor.dropout, model.extractor.targetDropout) = (0, 0)
        model.quantizer.temperature.end = 0.1
        (model.transformer.layers, model.transformer.heads) = (24, 16)
        (model.transformer.width, model.transformer.innerWidth) = (1024, 4096)
        model.transformer.normFirst = true
        (model.transformer.dropout, model.transformer.attentionDropout) = (0, 0)
        model.transformer.layerDrop = 0
        model.prediction.width = 768
        model.loss.penaltyWeight = 0
        return model
    }

    /// BASE in small, for minutes on two cores.
    public static var small: Wav2Vec2Configuration {
        var model = Wav2Vec2Configuration()
        model.extractor.layers = model.extractor.layers.map {
            ConvolutionLayer(128, $0.kernel, $0.stride)
        }
        model.extractor.norm = .layer
        model.extractor.gradientScale = 1
        model.extractor.normalizesWaveforms = true
        (model.extractor.dropout, model.extractor.targetDropout) = (0, 0)
        model.quantizer.variables = 64
        model.quantizer.temperature.decay = 0.995
        (model.transformer.layers, model.transformer.heads) = (2, 4)
        (model.transformer.width, model.transformer.innerWidth) = (192, 768)
        (model.transformer.positionKernel, model.transformer.positionGroups) = (32, 8)
        (model.transformer.dropout, model.transformer.attentionDropout) = (0, 0)
        model.transformer.layerDrop = 0
        // Short spans and few negatives: the loss leaves chance after some hundred updates and not some thousand.
        (model.mask.time.length, model.mask.time.probability) = (4, 0.4)
        model.prediction.width = 128
        model.prediction.negatives = 20
        // With BASE's 0.1 a tenth of the codewords is left in the end: six minutes of speech are predicted more easily in
        // few classes.
        model.loss = Wav2Vec2Losses(diversityWeight: 0.4, penaltyWeight: 0)
        return model
    }
}
