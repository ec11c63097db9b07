import Autodiff
import CKernels
import Tensors

/// Rows of codewords picked by ids, and the gradient that goes back into the picked rows.
package struct CodewordChoice: Sendable {
    /// R, frames.
    package let rows: Int
    /// G.
    package let groups: Int
    /// V, codewords per group.
    package let variables: Int
    /// d, width of a codeword.
    package let width: Int
    /// Whether all groups look up the same codebook.
    package let isShared: Bool
    private let codebookShape: [Int]

    /// - Parameter codebook: its shape, [G·V, d], or [V, d] where the groups share it.
    package init(rows: Int, groups: Int, codebook: [Int], variables: Int) {
        precondition(
            groups > 0 && variables > 0 && codebook.count == 2
                && (codebook[0] == variables || codebook[0] == groups * variables),
            "a codebook \(codebook) has not \(variables) codewords for each of \(groups) groups")
        (self.rows, self.groups, self.variables, width) = (rows, groups, variables, codebook[1])
        isShared = codebook[0] == variables
        codebookShape = codebook
    }

    /// - Parameter frames: of a tensor that lies beside the codewords, [R, G·d].
    package func requireFrames(_ frames: [Int]) {
        precondition(
            frames == [rows, groups * width],
            "frames \(frames) are not [R, \(groups) · \(width)] as the codewords")
    }

    /// The codewords of a group, [V, d].
    package func codewords(_ codebook: Tensor, group: Int) -> MatrixView {
        MatrixView(codebook.pointer + row(0, group: group) * width, rows: variables, columns: width)
    }

    private func row(_ id: Int32, group: Int) -> Int {
        precondition(id >= 0 && id < variables, "id \(id) of a codebook of \(variables)")
        return (isShared ? 0 : group * variables) + Int(id)
    }

    /// ẑ [R, G·d]: for each frame the chosen codewords of its groups, side by side.
    package func gather(_ ids: [Int32], from codebook: Tensor) -> Tensor {
        precondition(ids.count == rows * groups, "\(ids.count) ids for \(rows) frames of \(groups) groups")
        let quantized = Tensor(uninitialized: [rows, groups * width])
        for index in 0..<rows * groups {
            (quantized.pointer + index * width).update(
                from: codebook.pointer + row(ids[index], group: index % groups) * width, count: width)
        }
        return quantized
    }

    /// ∂L/∂E: the upstream gradients summed into the rows that were chosen; all other rows get zero.
    package func scatterAdd(_ dy: Tensor, _ ids: [Int32]) -> Tensor {
        let gradient = Tensor(zeros: codebookShape)
        for index in 0..<rows * groups {
            vq_add(
                gradient.pointer + row(ids[index], group: index % groups) * width, dy.pointer + index * width,
                width)
        }
        return gradient
    }
}

extension Tape {
    /// Codewords side by side, by their ids: a gradient goes to the codebook alone.
    ///
    /// - Parameters:
    ///   - ids: [R, G].
    ///   - codebook: [G·V, d].
    /// - Returns: [R, G·d].
    public func codewords(_ ids: [Int32], of codebook: Variable, groups: Int) -> Variable {
        precondition(
            groups > 0 && ids.count.isMultiple(of: groups) && codebook.shape[0].isMultiple(of: groups),
            "\(ids.count) ids, \(codebook.shape) codewords and \(groups) groups do not fit")
        let choice = CodewordChoice(
            rows: ids.count / groups, groups: groups, codebook: codebook.shape,
            variables: codebook.shape[0] / groups)
        return record(choice.gather(ids, from: codebook.value), inputs: [codebook]) {
            [choice.scatterAdd($0, ids)]
        }
    }
}
