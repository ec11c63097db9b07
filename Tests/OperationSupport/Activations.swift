import Autodiff
import Foundation

/// The nonlinearities in double precision.
package func activation(_ x: Double, _ kind: Activation?) -> Double {
    switch kind {
    case .relu: max(0, x)
    case .gelu: x * normalDistribution(x)
    case nil: x
    }
}

package func activationSlope(_ x: Double, _ kind: Activation?) -> Double {
    switch kind {
    case .relu: x > 0 ? 1 : 0
    case .gelu: normalDistribution(x) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    case nil: 1
    }
}

/// Φ(x).
package func normalDistribution(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

package func softmax(_ x: some Collection<Double>) -> [Double] {
    let top = x.max() ?? 0
    let exponentials = x.map { exp($0 - top) }
    let sum = exponentials.reduce(0, +)
    return exponentials.map { $0 / sum }
}
