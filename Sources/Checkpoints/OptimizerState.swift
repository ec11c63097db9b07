import Tensors

/// What the optimizer keeps beside a model, tensor by tensor in the order and the layout of the parameters.
public struct OptimizerState {
    /// Adam's first and second moments.
    public var moments: [(first: Tensor, second: Tensor)]
    /// The weights that training goes on from, where those of the model are averages; nil where they are these.
    public var weights: [Tensor]?

    public init(moments: [(first: Tensor, second: Tensor)], weights: [Tensor]? = nil) {
        (self.moments, self.weights) = (moments, weights)
    }

    /// The tensors of a parameter, with what goes before its name in a file.
    func tensors(at index: Int) -> [(prefix: String, tensor: Tensor)] {
        let (first, second) = moments[index]
        let weights = weights.map { [(Checkpoint.Key.trainedWeights, $0[index])] } ?? []
        return [(Checkpoint.Key.firstMoment, first), (Checkpoint.Key.secondMoment, second)] + weights
    }
}
