import Tensors

/// The encoder without a tape, in bounded memory; its results equal those of `FeatureEncoder` but for
/// rounding.
///
/// A group norm needs sums over the whole recording, so there is one pass over time for each block that has one. A pass
/// reads the last convolution tile by tile, normalises and activates the tile where it is in the cache,
/// convolves it, and adds up the moments of the result, which the next pass needs. What is kept is one
/// convolution's output, and the next one while it is written; nothing is kept of the first layer, and nothing of
/// blocks without such a norm, as most of wav2vec 2.0's are: they are computed where they are read.
package struct EncoderInference: Sendable {
    private let encoder: FeatureEncoder
    private let first: WaveformConvolution
    /// Of all layers but the first.
    private let convolutions: [InferenceConvolution]

    /// Prepares the weights, which must not change afterwards.
    /// - Parameter precision: of the operands of all convolutions but the first.
    package init(_ encoder: FeatureEncoder, precision: Precision = .float32) {
        self.encoder = encoder
        first = WaveformConvolution(
            weight: encoder.blocks[0].weight.variable.value, bias: encoder.blocks[0].bias?.variable.value,
            stride: encoder.blocks[0].stride)
        convolutions = encoder.blocks.dropFirst().map {
            InferenceConvolution(
                weight: $0.weight.variable.value, bias: $0.bias?.variable.value, stride: $0.stride,
                precision: precision)
        }
    }

    /// Bytes that each layer keeps of a recording of so many samples; nil where it takes the place of the
    /// layer before.
    package func storageSizes(samples: Int) -> [Int?] {
        var frames = first.length.outputs(samples)
        var sizes: [Int?] = [addsWaveform ? FrameStore.byteCount(frames: frames, channels: 1) : 0]
        for (index, layer) in convolutions.enumerated() {
            frames = layer.length.outputs(frames)
            guard isStored(index + 1) else {
                sizes.append(0)
                continue
            }
            let size = FrameStore.byteCount(frames: frames, channels: layer.outputChannels)
            sizes.append(overwritesInput(layer) ? nil : addsInput(layer) ? 2 * size : size)
        }
        return sizes
    }

    /// See `LevelNormalizing`.
    package func epsilonShare(of waveform: FrameStore) throws -> Double {
        let (norm, frames) = (encoder.blocks[0].norm, first.frames(waveform))
        guard norm.groups > 0, frames > 0 else { return 0 }
        let count = Double(frames * first.channels / norm.groups)
        return try first.moments(waveform, groups: norm.groups)
            .reduce(0) { max($0, $1.normalization(count: count).epsilonShare) }
    }

    /// z [T, C], to be read in pieces as long as the waveform is there.
    /// - Parameters:
    ///   - waveform: at least the receptive field, [N, 1].
    ///   - spillFolders: of each layer's temporary files; nil for memory.
    /// - Throws: `SpillError`.
    package func callAsFunction(
        _ waveform: FrameStore, spillFolders: [String?]
    ) throws -> BlockFrames {
        let frames = first.frames(waveform)
        var block = BlockFrames(
            frames: frames, channels: first.channels, convolved: .waveform(waveform, first),
            norm: encoder.blocks[0].frameNormalization(
                try first.moments(waveform, groups: encoder.blocks[0].norm.groups), frames: frames))
        if addsWaveform {
            let kept = try FrameStore(frames: frames, channels: 1, spillFolder: spillFolders[0])
            let step = waveform.frames / frames
            _ = try kept.fill { rows, output in
                let start = rows.lowerBound * step
                try waveform.read(start..<(rows.upperBound - 1) * step + 1) { samples in
                    for row in 0..<rows.count { output[row] = samples[row * step] }
                }
            }
            block.residual = (kept, encoder.residualScale)
        }
        for layer in encoder.blocks.indices.dropFirst() {
            block =
                isStored(layer)
                ? try pass(over: block, layer: layer, spillFolder: spillFolders[layer])
                : computed(from: block, layer: layer)
        }
        block.logCompression = encoder.logCompression
        return block
    }

    /// Whether all of a block's convolution has to be there before any of it can be used.
    private func isStored(_ layer: Int) -> Bool {
        encoder.blocks[layer].norm.groups > 0 || encoder.skipConnections
    }

    private func computed(from input: BlockFrames, layer: Int) -> BlockFrames {
        let convolution = convolutions[layer - 1]
        let frames = convolution.length.outputs(input.frames)
        return BlockFrames(
            frames: frames, channels: convolution.outputChannels, convolved: .computed(input, convolution),
            norm: encoder.blocks[layer].frameNormalization([], frames: frames))
    }

    private func pass(over input: BlockFrames, layer: Int, spillFolder: String?) throws -> BlockFrames {
        let convolution = convolutions[layer - 1]
        let (block, frames) = (encoder.blocks[layer], convolution.length.outputs(input.frames))
        func makeStore(tilesOnly: Bool) throws -> FrameStore {
            try FrameStore(
                frames: frames, channels: convolution.outputChannels, spillFolder: spillFolder,
                tilesOnly: tilesOnly)
        }
        let reused = overwritesInput(convolution) ? input.store : nil
        let output = try reused ?? makeStore(tilesOnly: true)
        let kept = try addsInput(convolution) ? makeStore(tilesOnly: false) : nil
        let moments = try output.fill(groups: block.norm.groups) { rows, output in
            let seen = convolution.length.inputs(rows)
            let start = seen.lowerBound
            // What the tile adds to its output may lie between its last kernel and the next tile's first.
            let next = rows.upperBound == frames ? input.frames : rows.upperBound * convolution.length.stride
            let x = try input(start..<(kept == nil ? seen.upperBound : max(seen.upperBound, next)))
            convolution(x.pointer, frames: rows.count, into: output)
            try kept?.keep(x, first: start, until: next, step: input.frames / frames)
        }
        return BlockFrames(
            frames: frames, channels: convolution.outputChannels, convolved: .stored(output),
            norm: block.frameNormalization(moments, frames: frames),
            residual: kept.map { ($0, encoder.residualScale) })
    }

    /// Whether the waveform itself is added to the first block's output.
    private var addsWaveform: Bool { encoder.skipConnections && first.channels == 1 }

    /// Whether a block's input is added to its output.
    private func addsInput(_ layer: InferenceConvolution) -> Bool {
        encoder.skipConnections && layer.inputChannels == layer.outputChannels
    }

    /// Whether each frame depends on the same frame of the layer before alone, and can take its place.
    private func overwritesInput(_ layer: InferenceConvolution) -> Bool {
        layer.length.kernel == 1 && layer.length.stride == 1 && layer.inputChannels == layer.outputChannels
            && !addsInput(layer)
    }
}

extension FrameStore {
    /// Writes those of the frames 0, step, 2·step, … of a block's output that lie in `first..<end`, one after
    /// the other: what a strided block adds to its own output.
    /// - Parameter x: frames from `first` on, [1, …, C].
    fileprivate func keep(_ x: Tensor, first: Int, until end: Int, step: Int) throws {
        // Where `step` is below the stride, the last tiles have none.
        let rows = min(frames, (first + step - 1) / step)..<min(frames, (end + step - 1) / step)
        guard !rows.isEmpty else { return }
        try write(rows) { output in
            for row in rows {
                (output + (row - rows.lowerBound) * channels).update(
                    from: x.pointer + (row * step - first) * channels, count: channels)
            }
        }
    }
}
