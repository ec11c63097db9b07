import Tensors

/// Scores by matrix products: every prediction of an utterance against all of its frames, of which the candidates are
/// picked. That is faster than scoring candidates one by one where they are a good part of all frames.
struct DenseScorer {
    let predictions: Tensor
    let targets: Tensor
    let negatives: [Int32]
    let geometry: PredictionGeometry

    /// Nil where there are far more frames than candidates, or negatives of other utterances.
    init?(predictions: Tensor, targets: Tensor, negatives: [Int32], geometry: PredictionGeometry) {
        let (frames, own) = (geometry.frames, geometry.frames * (geometry.copies - 1))
        guard frames <= Self.mostFrames * geometry.copies,
            (0..<geometry.batch).allSatisfy({ item in
                let range = Int32(item * frames)..<Int32((item + 1) * frames)
                return negatives[item * own..<(item + 1) * own].allSatisfy(range.contains)
            })
        else { return nil }
        (self.predictions, self.targets) = (predictions, targets)
        (self.negatives, self.geometry) = (negatives, geometry)
    }

    /// Frames for each candidate that are still worth a product with all.
    private static let mostFrames = 2

    private var channels: Int { targets.shape[targets.shape.count - 1] }

    /// score[row, n] = ⟨prediction, candidate n⟩, as of `Tape.predictionScores`.
    func scores() -> Tensor {
        let scores = Tensor(uninitialized: [geometry.rows, geometry.copies])
        forEachTile { item, sources in
            let products = Tensor(uninitialized: [sources.count * geometry.predictedSteps, geometry.frames])
            multiply(
                predictions(item: item, sources), targets(item: item), transposeB: true,
                into: MatrixView(products.pointer, rows: products.shape[0], columns: geometry.frames))
            forEachRow(item: item, sources) { product, target, candidates, row in
                let (all, row) = (products.pointer + product, scores.pointer + row)
                row[0] = all[target]
                for (copy, candidate) in candidates.enumerated() {
                    row[1 + copy] = all[Int(candidate) - item * geometry.frames]
                }
            }
        }
        return scores
    }

    /// With W the upstream gradients laid where the products were, of an utterance
    ///
    ///     ∂L/∂predictions = W · targets        ∂L/∂targets = Wᵀ · predictions
    func gradients(_ dy: Tensor) -> [Tensor] {
        let steps = geometry.predictedSteps
        let weights = Tensor(zeros: [geometry.batch, geometry.frames * steps, geometry.frames])
        let dPredictions = Tensor(uninitialized: predictions.shape)
        forEachTile { item, sources in
            let first = (item * geometry.frames + sources.lowerBound) * steps
            let block = weights.pointer + first * geometry.frames
            forEachRow(item: item, sources) { product, target, candidates, row in
                let (all, row) = (block + product, dy.pointer + row)
                all[target] += row[0]
                for (copy, candidate) in candidates.enumerated() {
                    all[Int(candidate) - item * geometry.frames] += row[1 + copy]
                }
            }
            multiply(
                MatrixView(block, rows: sources.count * steps, columns: geometry.frames),
                targets(item: item),
                into: MatrixView(
                    dPredictions.pointer + first * channels, rows: sources.count * steps, columns: channels))
        }
        let dTargets = Tensor(uninitialized: targets.shape)
        forEachTile { item, frames in
            let size = geometry.frames * steps
            let all = MatrixView(
                weights.pointer + item * size * geometry.frames, rows: size, columns: geometry.frames)
            multiply(
                all.columns(frames), predictions(item: item, 0..<geometry.frames), transposeA: true,
                into: MatrixView(
                    dTargets.pointer + (item * geometry.frames + frames.lowerBound) * channels,
                    rows: frames.count, columns: channels))
        }
        return [dPredictions, dTargets]
    }

    /// [frames · S, C], of some frames of an utterance.
    private func predictions(item: Int, _ frames: Range<Int>) -> MatrixView {
        let steps = geometry.predictedSteps
        return MatrixView(
            predictions.pointer + (item * geometry.frames + frames.lowerBound) * steps * channels,
            rows: frames.count * steps, columns: channels)
    }

    /// [T, C].
    private func targets(item: Int) -> MatrixView {
        MatrixView(
            targets.pointer + item * geometry.frames * channels, rows: geometry.frames, columns: channels)
    }

    /// Calls `body` with tiles of the frames of each utterance, on all threads.
    private func forEachTile(_ body: @Sendable (_ item: Int, _ frames: Range<Int>) -> Void) {
        let tiles = Tiling(rows: geometry.frames, target: 64)
        Parallel.forEach(geometry.batch * tiles.count) { index in
            let (item, tile) = index.quotientAndRemainder(dividingBy: tiles.count)
            body(item, tiles[tile])
        }
    }

    /// Calls `body` for each prediction that some frames make: with the offset of its products from those of the first of
    /// them, its target, the negatives of that, and the offset of its scores.
    private func forEachRow(
        item: Int, _ sources: Range<Int>,
        _ body: (_ product: Int, _ target: Int, _ candidates: ArraySlice<Int32>, _ row: Int) -> Void
    ) {
        let count = geometry.copies - 1
        for source in sources {
            for step in 0..<geometry.steps where source + geometry.firstStep + step < geometry.frames {
                let target = source + geometry.firstStep + step
                let first = (item * geometry.frames + target) * count
                body(
                    ((source - sources.lowerBound) * geometry.predictedSteps + step) * geometry.frames,
                    target, negatives[first..<first + count],
                    geometry.row(step: step, item: item, frame: source) * geometry.copies)
            }
        }
    }
}
