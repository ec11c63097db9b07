import Autodiff
import CKernels
import Layers
import Tensors

extension Tape {
    /// Scores ⟨h_i(c_t), ẑ⟩ of every prediction against the true frame and its negatives. A target frame
    /// has the same negatives in all steps.
    ///
    /// Only the sampled candidates are scored, S predictions times N+1 candidates for each target frame, but where they
    /// are a good part of all frames (`DenseScorer`).
    ///
    /// - Parameters:
    ///   - predictions: [B·T, S, C].
    ///   - targets: [B·T, C].
    ///   - negatives: [B, T, N], rows of `targets`: those of frame t of item b from (b·T + t)·N on.
    /// - Returns: [rows, 1 + N], step after step, items and then frames within a step, the true frame
    ///   first.
    public func predictionScores(
        _ predictions: Variable, targets: Variable, negatives: [Int32], geometry: PredictionGeometry
    ) -> Variable {
        let frames = geometry.batch * geometry.frames
        precondition(
            targets.shape.count == 2 && targets.shape[0] == frames
                && predictions.shape == [frames, geometry.predictedSteps, targets.shape[1]],
            "predictions \(predictions.shape) and targets \(targets.shape) are not those of \(frames) frames")
        precondition(
            negatives.count == frames * (geometry.copies - 1)
                && negatives.allSatisfy { $0 >= 0 && $0 < frames },
            "negatives are \(geometry.copies - 1) of the \(frames) frames for each")
        let dense = DenseScorer(
            predictions: predictions.value, targets: targets.value, negatives: negatives, geometry: geometry)
        if let dense {
            return record(dense.scores(), inputs: [predictions, targets]) { dense.gradients($0) }
        }
        let scorer = Scorer(
            predictions: predictions.value, targets: targets.value, negatives: negatives, geometry: geometry)
        return record(scorer.scores(), inputs: [predictions, targets]) { dy in
            [scorer.predictionsGradient(dy), scorer.targetsGradient(dy)]
        }
    }
}

private struct Scorer {
    let predictions: Tensor
    let targets: Tensor
    let negatives: [Int32]
    let geometry: PredictionGeometry

    private var channels: Int { targets.shape[targets.shape.count - 1] }

    /// [copies] rows of the candidates of a target frame: itself and its negatives.
    private func candidates(item: Int, frame: Int, in matrix: Tensor) -> [UnsafePointer<Float>?] {
        let target = item * geometry.frames + frame
        let first = target * (geometry.copies - 1)
        return [UnsafePointer(matrix.pointer + target * channels)]
            + negatives[first..<first + geometry.copies - 1].map {
                UnsafePointer(matrix.pointer + Int($0) * channels)
            }
    }

    /// The offset of the prediction that step i makes of a target frame.
    private func prediction(step: Int, item: Int, target: Int) -> Int {
        let source = item * geometry.frames + target - geometry.firstStep - step
        return (source * geometry.predictedSteps + step) * channels
    }

    /// score[row, n] = ⟨prediction, candidate n⟩.
    func scores() -> Tensor {
        let scores = Tensor(uninitialized: [geometry.rows, geometry.copies])
        forEachTarget { item, frame, steps in
            let rows: [UnsafePointer<Float>?] = steps.map {
                UnsafePointer(predictions.pointer + prediction(step: $0, item: item, target: frame))
            }
            let products = [Float](unsafeUninitializedCapacity: steps.count * geometry.copies) { out, count in
                count = steps.count * geometry.copies
                vq_dot_products(
                    rows, rows.count, candidates(item: item, frame: frame, in: targets), geometry.copies,
                    channels, out.baseAddress)
            }
            for step in steps {
                let row = geometry.row(step: step, item: item, frame: frame - geometry.firstStep - step)
                for copy in 0..<geometry.copies {
                    scores.pointer[row * geometry.copies + copy] = products[step * geometry.copies + copy]
                }
            }
        }
        return scores
    }

    /// ∂L/∂prediction = Σ_n ∂L/∂score_n · candidate_n; zero for predictions past the end.
    func predictionsGradient(_ dy: Tensor) -> Tensor {
        let gradient = Tensor(zeros: predictions.shape)
        forEachTarget { item, frame, steps in
            let rows = candidates(item: item, frame: frame, in: targets)
            for step in steps {
                let row = geometry.row(step: step, item: item, frame: frame - geometry.firstStep - step)
                vq_add_weighted_rows(
                    gradient.pointer + prediction(step: step, item: item, target: frame), rows,
                    dy.pointer + row * geometry.copies, 1, geometry.copies, channels)
            }
        }
        return gradient
    }

    /// ∂L/∂candidate_n = Σ_i ∂L/∂score_{i,n} · prediction_i, added up over all places where a frame is a
    /// candidate. Threads own ranges of channels, since any frame can be a negative of any other.
    func targetsGradient(_ dy: Tensor) -> Tensor {
        let gradient = Tensor(zeros: targets.shape)
        let blocks = Tiling(rows: channels, target: max(16, channels / 8))
        Parallel.forEach(blocks.count) { block in
            let range = blocks[block]
            for item in 0..<geometry.batch {
                for frame in geometry.firstStep..<max(geometry.firstStep, geometry.frames) {
                    addTargetGradient(dy, to: gradient, item: item, frame: frame, channels: range)
                }
            }
        }
        return gradient
    }

    private func addTargetGradient(
        _ dy: Tensor, to gradient: Tensor, item: Int, frame: Int, channels range: Range<Int>
    ) {
        let steps = geometry.steps(target: frame)
        let rows: [UnsafePointer<Float>?] = steps.map { step in
            UnsafePointer(
                predictions.pointer + prediction(step: step, item: item, target: frame) + range.lowerBound)
        }
        // [copies, steps]
        var weights = [Float](repeating: 0, count: geometry.copies * steps.count)
        for step in steps {
            let row = geometry.row(step: step, item: item, frame: frame - geometry.firstStep - step)
            for copy in 0..<geometry.copies {
                weights[copy * steps.count + step] = dy.pointer[row * geometry.copies + copy]
            }
        }
        let targets = candidates(item: item, frame: frame, in: gradient)
        weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            for (copy, target) in targets.enumerated() {
                guard let target else { continue }
                vq_add_weighted_rows(
                    UnsafeMutablePointer(mutating: target) + range.lowerBound, rows,
                    weights + copy * steps.count, 1, steps.count, range.count)
            }
        }
    }

    private func forEachTarget(_ body: @Sendable (_ item: Int, _ frame: Int, _ steps: Range<Int>) -> Void) {
        let tiles = Tiling(rows: geometry.frames, target: 64)
        Parallel.forEach(geometry.batch * tiles.count) { index in
            for frame in tiles[index % tiles.count] {
                let steps = geometry.steps(target: frame)
                if !steps.isEmpty { body(index / tiles.count, frame, steps) }
            }
        }
    }
}
