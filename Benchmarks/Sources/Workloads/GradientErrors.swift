import Autodiff
import Layers
import Tensors

/// Of a parameter.
public typealias NamedGradient = (name: String, values: Tensor)

/// Goes back from a loss, and takes the gradients from the parameters that have one.
func takeGradients(_ parameters: [Parameter], on tape: Tape, from loss: Variable) -> [NamedGradient] {
    tape.backward(from: loss)
    defer { for parameter in parameters { parameter.variable.clearGradient() } }
    return parameters.compactMap { parameter in
        parameter.variable.gradient.map { (parameter.name, $0) }
    }
}

/// How far gradients in bf16 are from those in float32, of the worst parameter of a layer.
public struct GradientErrors {
    /// What its parameters' names begin with, a number at most.
    public let layer: String
    public private(set) var cosine: Double
    /// Length of the difference by that of the gradient in float32.
    public private(set) var relativeError: Double

    /// Of each layer, in the order of the parameters.
    /// - Parameter exceptions: endings of names of parameters whose gradient is nothing but rounding.
    public static func byLayer(
        exact: [NamedGradient], rounded: [NamedGradient], exceptions: [String] = []
    ) -> [GradientErrors] {
        var layers: [GradientErrors] = []
        for (exact, rounded) in zip(exact, rounded)
        where !exceptions.contains(where: exact.name.hasSuffix) {
            var sums = (product: 0.0, exact: 0.0, rounded: 0.0, difference: 0.0)
            for values in zip(exact.values.values, rounded.values.values) {
                let (a, b) = (Double(values.0), Double(values.1))
                sums.product += a * b
                sums.exact += a * a
                sums.rounded += b * b
                sums.difference += (a - b) * (a - b)
            }
            let cosine = sums.product / (sums.exact * sums.rounded).squareRoot()
            let error = (sums.difference / sums.exact).squareRoot()
            let layer = Self.layer(of: exact.name)
            if let index = layers.firstIndex(where: { $0.layer == layer }) {
                layers[index].cosine = min(layers[index].cosine, cosine)
                layers[index].relativeError = max(layers[index].relativeError, error)
            } else {
                layers.append(GradientErrors(layer: layer, cosine: cosine, relativeError: error))
            }
        }
        return layers
    }

    /// `encoder.layers.3.fc1.weight` is of `encoder.layers.3`; a name without a number of its first two parts.
    private static func layer(of name: String) -> String {
        let parts = name.split(separator: ".")
        let end = parts.firstIndex { $0.allSatisfy(\.isNumber) } ?? min(1, parts.count - 1)
        return parts[...end].joined(separator: ".")
    }
}
