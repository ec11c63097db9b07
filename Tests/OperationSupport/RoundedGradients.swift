import Autodiff
import Tensors
import Testing

/// Compares the gradients of a step with products of bf16 with those of the same step in float32, for every parameter.
/// - Parameters:
///   - codebooks: endings of the names of parameters that hold codewords. A frame whose codeword changes moves a row by
///     all that it gets.
///   - exceptions: endings of the names of parameters that have no gradient to speak of.
///   - loss: what a step on the tape goes back from.
package func expectRoundedGradients(
    of parameters: [(name: String, variable: Variable)], codebooks: [String], exceptions: [String] = [],
    loss: (Tape) throws -> Variable
) throws {
    emulateMissingBFloat16()
    let parameters = parameters.filter { !exceptions.contains(where: $0.name.hasSuffix) }
    func gradients(_ precision: Precision) throws -> [Tensor] {
        let tape = Tape(precision: precision)
        tape.backward(from: try loss(tape))
        defer { for parameter in parameters { parameter.variable.clearGradient() } }
        return try parameters.map { try #require($0.variable.gradient, "\($0.name)") }
    }
    let (exact, rounded) = try (gradients(.float32), gradients(.bf16))
    var moved = 0
    for (parameter, (exact, rounded)) in zip(parameters, zip(exact, rounded)) {
        let (cosine, error) = (rounded.cosine(to: exact), rounded.relativeError(to: exact))
        // The error of vectors of equal length at that angle.
        let (least, most) =
            codebooks.contains(where: parameter.name.hasSuffix) ? (0.9, 0.45) : (0.98, 0.2)
        #expect(
            cosine > least && error < most, "\(parameter.name): cosine \(cosine), relative error \(error)")
        if error > 1e-4 { moved += 1 }
    }
    #expect(moved > parameters.count / 2, "rounding has changed \(moved) gradients")
}
