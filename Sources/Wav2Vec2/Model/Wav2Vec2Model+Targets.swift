import Autodiff
import Layers
import Tensors

/// What the predictions of a step are compared with.
package struct PredictionTargets {
    package var quantization: Quantization?
    /// Behind the projection, [Y, F].
    package var projected: Variable
    /// [B·M, F].
    package var positives: Variable
    /// What negatives are rows of, [Y', F].
    package var table: Variable
    /// [B·M, K].
    package var negatives: [Int32]
    package var excluded: [Bool]
}

extension Wav2Vec2Model {
    /// Targets and negatives of the masked frames. They see no mask and no context; gradients flow into the extractor
    /// through them too.
    /// - Parameter features: [B, T, C].
    package func makeTargets(
        _ features: Variable, task: PredictionTask, temperature: Double, losses: Wav2Vec2Losses,
        noise: StepNoise, on tape: Tape
    ) -> PredictionTargets {
        let (items, frames) = (features.shape[0], features.shape[1])
        let everywhere = configuration.prediction.negativesFromEverywhere
        let masked = task.maskedRows(frames: frames)
        let candidates =
            everywhere
            ? features
            : tape.reshape(
                tape.rows(features, masked), [items, task.maskedFrames, features.shape[2]])
        guard let quantizer else {
            return continuousTargets(candidates, masked: masked, task: task, on: tape)
        }
        let quantization = quantizer.quantize(
            candidates, temperature: temperature, losses: quantizerLosses(losses), noise: noise, on: tape)
        let projected = targetProjection(asRows(quantization.quantized, on: tape), on: tape)
        var table = gated(projected, on: tape)
        let positives = everywhere ? tape.rows(table, masked) : tape.reshape(table, table.shape)
        let positiveRows = everywhere ? masked : (0..<Int32(task.positives)).map { $0 }
        let first = Int32(table.shape[0])
        if configuration.prediction.codebookNegatives > 0 {
            let drawn = tape.codewords(
                task.codebookNegatives, of: quantizer.codebookRows(on: tape), groups: quantizer.groups)
            table = tape.stackRows([table, gated(targetProjection(drawn, on: tape), on: tape)])
        }
        let negatives = negativeRows(task, codewordsFrom: first)
        let groups = quantizer.groups
        let ids = quantization.ids + task.codebookNegatives
        func code(_ row: Int32) -> ArraySlice<Int32> { ids[Int(row) * groups..<(Int(row) + 1) * groups] }
        return PredictionTargets(
            quantization: quantization, projected: projected, positives: positives, table: table,
            negatives: negatives,
            excluded: excluded(negatives, positives: positiveRows) { code($0) == code($1) })
    }

    /// Frames of z themselves, projected. With negatives from everywhere these are projected apart.
    private func continuousTargets(
        _ candidates: Variable, masked: [Int32], task: PredictionTask, on tape: Tape
    ) -> PredictionTargets {
        let everywhere = configuration.prediction.negativesFromEverywhere
        let rows = asRows(candidates, on: tape)
        let projected = targetProjection(everywhere ? tape.rows(rows, masked) : rows, on: tape)
        let gatedTargets = gated(projected, on: tape)
        let positives = tape.reshape(gatedTargets, gatedTargets.shape)
        let table = everywhere ? gated(targetProjection(rows, on: tape), on: tape) : gatedTargets
        let positiveRows = everywhere ? masked : (0..<Int32(task.positives)).map { $0 }
        let negatives = negativeRows(task, codewordsFrom: 0)
        return PredictionTargets(
            quantization: nil, projected: projected, positives: positives, table: table, negatives: negatives,
            excluded: excluded(negatives, positives: positiveRows, where: ==))
    }

    /// [B, T, C] to [B·T, C].
    private func asRows(_ x: Variable, on tape: Tape) -> Variable {
        tape.reshape(x, [x.shape[0] * x.shape[1], x.shape[2]])
    }

    private func gated(_ x: Variable, on tape: Tape) -> Variable {
        targetGate.map { tape.gatedLinearUnit($0(x, on: tape)) } ?? x
    }

    /// Of each masked frame its negatives among frames, then those of the codebook.
    /// - Parameter first: the row of the table in which codewords begin.
    private func negativeRows(_ task: PredictionTask, codewordsFrom first: Int32) -> [Int32] {
        let positives = task.positives
        let own = positives > 0 ? task.negatives.count / positives : 0
        let drawn = configuration.prediction.codebookNegatives
        guard drawn > 0 else { return task.negatives }
        return (0..<positives).flatMap { row -> [Int32] in
            let codewords = (row * drawn..<(row + 1) * drawn).map { first + Int32($0) }
            return task.negatives[row * own..<(row + 1) * own] + codewords
        }
    }

    /// Whether a negative is the positive itself: where targets are quantized, has the same codewords. fairseq compares
    /// the vectors, which is the same but for rounding.
    private func excluded(
        _ negatives: [Int32], positives: [Int32], where isSame: (Int32, Int32) -> Bool
    ) -> [Bool] {
        let copies = positives.isEmpty ? 1 : negatives.count / positives.count
        return negatives.indices.map { isSame(negatives[$0], positives[$0 / copies]) }
    }
}
