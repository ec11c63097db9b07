import Autodiff
import CKernels
import Tensors

extension Tape {
    /// The nearest codeword of each frame and group, straight through (vq-wav2vec §3.2; van den Oord et
    /// al. 2017).
    ///
    /// Forward: ẑ = E_i, i = argmin_v ‖z − E_v‖. Backward: ∂L/∂z = ∂L/∂ẑ, copied past the codebook, which
    /// gets nothing from here: see `codebookLoss`.
    ///
    /// - Parameters:
    ///   - z: [R, G·d], R frames.
    ///   - codebook: [G'·V, d], G' = G, or 1 where the groups share it.
    ///   - variables: V.
    /// - Returns: ẑ [R, G·d] and the ids [R·G].
    public func nearestCodeword(
        _ z: Variable, codebook: Variable, groups: Int, variables: Int
    ) -> (quantized: Variable, ids: [Int32]) {
        let choice = CodewordChoice(
            rows: z.shape.first ?? 0, groups: groups, codebook: codebook.shape, variables: variables)
        let ids = nearestCodewords(z.value, codebook: codebook.value, groups: groups, variables: variables)
        let quantized = choice.gather(ids, from: codebook.value)
        return (record(quantized, inputs: [z]) { dy in [dy] }, ids)
    }

    /// mean(‖sg(z) − ẑ‖²) + γ · mean(‖z − sg(ẑ)‖²), means over all elements; sg stops the gradient. The
    /// first term moves codewords to the frames that chose them, the second (commitment) frames to their
    /// codewords. vq-wav2vec eq. 3, with means as in fairseq.
    ///
    /// - Parameters: as of `nearestCodeword`; `ids` are its result.
    /// - Returns: [1].
    public func codebookLoss(
        _ z: Variable, codebook: Variable, ids: [Int32], groups: Int, variables: Int, gamma: Float
    ) -> Variable {
        let choice = CodewordChoice(
            rows: z.shape.first ?? 0, groups: groups, codebook: codebook.shape, variables: variables)
        choice.requireFrames(z.shape)
        let difference = choice.gather(ids, from: codebook.value)
        var squares = 0.0
        vq_add_scaled(difference.pointer, z.value.pointer, -1, z.value.count)
        squares = vq_sum_of_squares(difference.pointer, z.value.count)
        let loss = (1 + Double(gamma)) * squares / Double(z.value.count)
        return record(Tensor([Float(loss)], shape: [1]), inputs: [z, codebook]) { dy in
            codebookLossGradient(dy.scalar, difference: difference, ids, choice, gamma: gamma)
        }
    }
}

/// With D = ẑ − z and M elements: ∂L/∂z = −γ·2D/M, ∂L/∂E = 2D/M summed into the chosen rows.
private func codebookLossGradient(
    _ dy: Float, difference: Tensor, _ ids: [Int32], _ choice: CodewordChoice, gamma: Float
) -> [Tensor?] {
    let dz = Tensor(zeros: difference.shape)
    let dQuantized = Tensor(zeros: difference.shape)
    let scale = 2 * dy / Float(difference.count)
    vq_add_scaled(dz.pointer, difference.pointer, -gamma * scale, difference.count)
    vq_add_scaled(dQuantized.pointer, difference.pointer, scale, difference.count)
    return [dz, choice.scatterAdd(dQuantized, ids)]
}

/// argmin_v ‖z − E_v‖ = argmin_v ‖E_v‖² − 2⟨z, E_v⟩ for each frame and group; the first one on ties.
/// - Parameters: as of `Tape.nearestCodeword`.
/// - Returns: [R·G].
public func nearestCodewords(_ z: Tensor, codebook: Tensor, groups: Int, variables: Int) -> [Int32] {
    let choice = CodewordChoice(
        rows: z.shape.first ?? 0, groups: groups, codebook: codebook.shape, variables: variables)
    choice.requireFrames(z.shape)
    let norms = Tensor(uninitialized: [codebook.shape[0]])
    for row in 0..<codebook.shape[0] {
        norms.pointer[row] = Float(
            vq_sum_of_squares(codebook.pointer + row * choice.width, choice.width))
    }
    let products = Tensor(uninitialized: [groups, choice.rows, variables])
    let nearest = [Int32](unsafeUninitializedCapacity: groups * choice.rows) { ids, count in
        count = groups * choice.rows
        guard let base = ids.baseAddress.map(SharedPointer.init) else { return }
        let all = MatrixView(z.pointer, rows: choice.rows, columns: groups * choice.width)
        Parallel.forEachTile(rows: choice.rows) { _, rows in
            for group in 0..<groups {
                let first = group * choice.rows + rows.lowerBound
                let block = products.pointer + first * variables
                multiply(
                    all.rows(rows).columns(group * choice.width..<(group + 1) * choice.width),
                    choice.codewords(codebook, group: group), transposeB: true,
                    into: MatrixView(block, rows: rows.count, columns: variables))
                vq_nearest_rows(
                    block, norms.pointer + (choice.isShared ? 0 : group * variables), base + first,
                    rows.count,
                    variables)
            }
        }
    }
    let firsts = firstOfEqualCodewords(codebook, norms: norms, choice)
    // Groups were computed one after the other; frames come first in the result.
    return (0..<groups * choice.rows).map { index in
        let group = index % groups
        let id = nearest[group * choice.rows + index / groups]
        return firsts[(choice.isShared ? 0 : group * variables) + Int(id)]
    }
}

/// For each row of the codebook the id of the first equal one of its group: equal columns of a matrix product
/// may be rounded differently, depending on where they lie.
private func firstOfEqualCodewords(_ codebook: Tensor, norms: Tensor, _ choice: CodewordChoice) -> [Int32] {
    var firsts: [Int32] = []
    var seen: [Float: [Int]] = [:]
    for row in 0..<codebook.shape[0] {
        let id = row % choice.variables
        if id == 0 { seen = [:] }
        let codeword = codebook.pointer + row * choice.width
        let first = seen[norms.pointer[row]]?.first { earlier in
            let other = codebook.pointer + (row - id + earlier) * choice.width
            return (0..<choice.width).allSatisfy { other[$0] == codeword[$0] }
        }
        firsts.append(Int32(first ?? id))
        if first == nil { seen[norms.pointer[row], default: []].append(id) }
    }
    return firsts
}
