import Autodiff
import Communication
import Layers
import Tensors

/// Sums the gradients of the batches of an update in a `SumTree`, over all processes.
struct GradientSum {
    private let variables: [Variable]
    private var blocks = SumTree.Blocks<[Tensor?]>()

    init(_ parameters: [Parameter]) { variables = parameters.map(\.variable) }

    /// For each parameter whether it has a gradient.
    var isPresent: [Bool] {
        variables.indices.map { index in blocks.blocks.contains { $0.value[index] != nil } }
    }

    /// Takes the gradients that the backward pass of a batch has left.
    /// - Parameter index: the batch's place in the update; they come in order.
    mutating func take(batch index: Int) {
        blocks.append(Gradients.take(from: variables), index..<index + 1, add: Gradients.add)
    }

    /// Leaves the sum over all batches in the variables.
    /// - Parameters:
    ///   - batches: of the update, of all processes.
    ///   - isPresent: what any process says.
    /// - Throws: `CommunicationError`.
    mutating func finish(batches: Int, isPresent: [Bool], with communicator: any Communicator) throws {
        guard communicator.size > 1 else {
            if let total = blocks.total(add: Gradients.add) { Gradients.give(total, to: variables) }
            return
        }
        let parts = blocks.blocks.map(\.value)
        let indices = variables.indices.filter { isPresent[$0] }
        // Into the memory of this process's first block, where no other gradient has the same: each bucket is read
        // before it is written.
        var used: Set<UnsafeMutablePointer<Float>> = []
        let sums = indices.map { index -> Tensor in
            if let own = parts.first?[index], used.insert(own.pointer).inserted { return own }
            return Tensor(uninitialized: variables[index].shape)
        }
        var starts = [0]
        for sum in sums { starts.append(starts[starts.count - 1] + sum.count) }
        try communicator.sum(
            leaves: batches, count: starts[starts.count - 1],
            read: { block, range, target in
                forEachPart(of: range, starts) { part, within, offset in
                    if let gradient = parts[block][indices[part]] {
                        (target + offset).update(
                            from: gradient.pointer + within.lowerBound, count: within.count)
                    } else {
                        // x + −0 is x for every x.
                        (target + offset).update(repeating: -0.0, count: within.count)
                    }
                }
            },
            write: { range, source in
                forEachPart(of: range, starts) { part, within, offset in
                    (sums[part].pointer + within.lowerBound).update(
                        from: source + offset, count: within.count)
                }
            })
        var gradients = [Tensor?](repeating: nil, count: variables.count)
        for (index, sum) in zip(indices, sums) { gradients[index] = sum }
        Gradients.give(gradients, to: variables)
    }
}

/// Calls `body` for each part that a range touches.
/// - Parameters:
///   - starts: where the parts begin, and the end of the last.
///   - body: takes the part, the range within it, and where that begins in the whole range.
private func forEachPart(
    of range: Range<Int>, _ starts: [Int], _ body: (_ part: Int, _ within: Range<Int>, _ offset: Int) -> Void
) {
    for part in 0..<starts.count - 1
    where starts[part] < range.upperBound && starts[part + 1] > range.lowerBound {
        let common = range.clamped(to: starts[part]..<starts[part + 1])
        body(
            part, common.lowerBound - starts[part]..<common.upperBound - starts[part],
            common.lowerBound - range.lowerBound)
    }
}
