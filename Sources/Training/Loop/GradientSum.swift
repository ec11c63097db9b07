import Autodiff
import Communication
import Layers
import Tensors

/// Sums the gradients of the batches of an update in a `SumTree`, over all processes.
///
/// Of several processes each has the gradients of its own batches, which it sums as far as the tree allows. What it
/// then has is exchanged in buckets while the backward pass of its last batch still runs (`GradientExchange`).
final class GradientSum {
    private let variables: [Variable]
    private let batches: Int
    private let communicator: any Communicator
    /// Of each parameter; nil stands for the gradient of a batch that has none.
    private var trees: [SumTree.Blocks<Tensor?>]
    private var exchange: GradientExchange?
    /// For each parameter whether a batch of this process had a gradient.
    private(set) var isPresent: [Bool]

    /// - Parameter batches: of the update, of all processes.
    init(_ parameters: [Parameter], batches: Int, communicator: any Communicator) {
        variables = parameters.map(\.variable)
        (self.batches, self.communicator) = (batches, communicator)
        trees = variables.map { _ in SumTree.Blocks() }
        isPresent = variables.map { _ in false }
    }

    /// Runs the backward pass of a batch and takes the gradients that it leaves.
    /// - Parameter index: the batch's place in the update; they come in order.
    func add(_ tape: Tape, from loss: Variable, batch index: Int) {
        guard communicator.size > 1, index + 1 == communicator.share(of: batches).upperBound else {
            tape.backward(from: loss)
            for place in variables.indices { take(place, batch: index) }
            return
        }
        let exchange = beginExchange()
        tape.backward(from: loss) { variable in
            guard let place = exchange.place(of: variable) else { return }
            exchange.complete(place) { self.lastBlocks(place, batch: index) }
        }
        // What no step has read has only the gradients of earlier batches.
        for place in variables.indices {
            exchange.complete(place) { lastBlocks(place, batch: index) }
        }
    }

    private func take(_ place: Int, batch index: Int) {
        let gradient = Gradients.take(from: variables[place])
        if gradient != nil { isPresent[place] = true }
        trees[place].append(gradient, index..<index + 1) { Gradients.add(&$0, $1) }
    }

    /// What this process gives of one parameter, the last batch's gradient included.
    private func lastBlocks(_ place: Int, batch index: Int) -> [Tensor?] {
        take(place, batch: index)
        return takeBlocks(place)
    }

    private func takeBlocks(_ place: Int) -> [Tensor?] {
        defer { trees[place] = SumTree.Blocks() }
        return trees[place].blocks.map(\.value)
    }

    private func beginExchange() -> GradientExchange {
        let begun = GradientExchange(variables, leaves: batches, communicator: communicator)
        exchange = begun
        return begun
    }

    /// Waits until all is exchanged. All processes come here, also one that could not compute its batches: the sums
    /// mean nothing then.
    /// - Returns: nil for one process.
    /// - Throws: `CommunicationError`.
    func finishExchange() throws -> ExchangeTimes? {
        guard communicator.size > 1 else { return nil }
        let exchange = exchange ?? beginExchange()
        for place in variables.indices { exchange.complete(place) { takeBlocks(place) } }
        return try exchange.finish()
    }

    /// Leaves the sum over all batches in the variables.
    /// - Parameter isPresent: for each parameter whether any process has a gradient.
    func give(isPresent: [Bool]) {
        let sums =
            exchange?.sums ?? trees.indices.map { trees[$0].total { Gradients.add(&$0, $1) } ?? nil }
        Gradients.give(variables.indices.map { isPresent[$0] ? sums[$0] : nil }, to: variables)
    }
}
