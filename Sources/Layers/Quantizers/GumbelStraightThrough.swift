import Autodiff
import CKernels
import Tensors

extension Tape {
    /// Hard forward, soft backward choice of codewords (vq-wav2vec §3.1; Jang et al. 2017).
    ///
    /// Forward, for each frame and group, with logits l, noise n, codebook E:
    ///
    ///     y = onehot(argmax(l + n))        ẑ = yᵀE
    ///
    /// Backward the argmax is replaced by p = softmax((l + n)/τ), with n held fixed.
    ///
    /// - Parameters:
    ///   - logits: [R, G·V], R frames.
    ///   - codebook: [G'·V, d], G' = G, or 1 where the groups share it.
    ///   - noise: [R, G·V], drawn once for this call; nil in evaluation.
    ///   - temperature: τ.
    /// - Returns: ẑ [R, G·d] and the ids [R·G].
    public func gumbelStraightThrough(
        logits: Variable, codebook: Variable, groups: Int, noise: Tensor?, temperature: Float
    ) -> (quantized: Variable, ids: [Int32]) {
        precondition(
            logits.shape.count == 2 && groups > 0 && logits.shape[1] % groups == 0,
            "logits \(logits.shape) are not [R, V] for each of \(groups) groups")
        precondition(temperature > 0, "a temperature of \(temperature)")
        let choice = CodewordChoice(
            rows: logits.shape[0], groups: groups, codebook: codebook.shape,
            variables: logits.shape[1] / groups)
        let ids = argmax(logits.value, noise: noise, variables: choice.variables)
        let quantized = choice.gather(ids, from: codebook.value)
        let output = record(quantized, inputs: [logits, codebook]) { dy in
            [
                logitsGradient(
                    dy, logits: logits.value, noise: noise, codebook: codebook.value, choice,
                    temperature: temperature),
                choice.scatterAdd(dy, ids),
            ]
        }
        return (output, ids)
    }
}

/// With g = ∂L/∂ẑ of a frame and group:
///
///     ∂L/∂p = E g                        every codeword is asked how the loss would like it
///     ∂L/∂l = (1/τ) (diag p − p pᵀ) E g  so every logit of the frame moves
private func logitsGradient(
    _ dy: Tensor, logits: Tensor, noise: Tensor?, codebook: Tensor, _ choice: CodewordChoice,
    temperature: Float
) -> Tensor {
    let (groups, variables, width) = (choice.groups, choice.variables, choice.width)
    let dLogits = Tensor(uninitialized: logits.shape)
    let p = Tensor(uninitialized: logits.shape)
    Parallel.forEachTile(rows: choice.rows, target: 128) { _, rows in
        let all = MatrixView(dLogits.pointer, rows: choice.rows, columns: groups * variables)
        let upstream = MatrixView(dy.pointer, rows: choice.rows, columns: groups * width)
        for group in 0..<groups {
            multiply(
                upstream.rows(rows).columns(group * width..<(group + 1) * width),
                choice.codewords(codebook, group: group), transposeB: true,
                into: all.rows(rows).columns(group * variables..<(group + 1) * variables))
        }
        let (start, count) = (rows.lowerBound * groups * variables, rows.count * groups)
        vq_softmax_rows(
            logits.pointer + start, noise.map { $0.pointer + start }, p.pointer + start, count, variables,
            1 / temperature)
        vq_softmax_backward_rows(
            p.pointer + start, dLogits.pointer + start, dLogits.pointer + start, count, variables,
            1 / temperature)
    }
    return dLogits
}

/// The index of the largest of every `variables` logits, with the noise added where there is some; the
/// first one on ties.
/// - Parameter logits: any shape whose last axis is a multiple of `variables`.
public func argmax(_ logits: Tensor, noise: Tensor? = nil, variables: Int) -> [Int32] {
    precondition(
        variables > 0 && (logits.shape.last ?? 1).isMultiple(of: variables),
        "logits \(logits.shape) are not a multiple of \(variables) for each frame")
    precondition(
        noise.map { $0.count == logits.count } ?? true,
        "noise of shape \(noise?.shape ?? []) for logits \(logits.shape)")
    let rows = logits.count / variables
    return [Int32](unsafeUninitializedCapacity: rows) { ids, count in
        count = rows
        guard let base = ids.baseAddress.map(SharedPointer.init) else { return }
        Parallel.forEachTile(rows: rows) { _, range in
            let start = range.lowerBound * variables
            vq_argmax_rows(
                logits.pointer + start, noise.map { $0.pointer + start }, base + range.lowerBound,
                range.count, variables)
        }
    }
}
