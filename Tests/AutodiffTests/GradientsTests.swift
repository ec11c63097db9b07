import Autodiff
import OperationSupport
import Tensors
import Testing

@Suite struct GradientsTests {
    /// Leaves with these gradients.
    private func leaves(_ gradients: [Tensor]) -> [Variable] {
        gradients.map { gradient in
            let leaf = Variable.parameter(Tensor(zeros: gradient.shape))
            let tape = Tape()
            tape.backward(from: tape.reshape(leaf, gradient.shape), seed: gradient)
            return leaf
        }
    }

    @Test func normOverAllTensors() {
        let gradients = [[1], [7], [16, 33], [200_000]].enumerated().map { Tensor.random($1, $0) }
        let sum = gradients.reduce(0.0) { $0 + $1.doubles.reduce(0) { $0 + $1 * $1 } }
        let without = Variable.parameter(Tensor(zeros: [3]))
        #expect(abs(Gradients.scale(leaves(gradients) + [without], by: 1) - sum.squareRoot()) < 1e-12 * sum)
        #expect(Gradients.scale([without], by: 1) == 0)
    }

    /// Squares that float32 cannot hold.
    @Test func normOfExtremes() {
        let huge = leaves([Tensor([3e30, 4e30], shape: [2])])
        #expect(abs(Gradients.scale(huge, by: 1) / 5e30 - 1) < 1e-6)
        let tiny = leaves([Tensor([3e-30, 4e-30], shape: [2])])
        #expect(abs(Gradients.scale(tiny, by: 1) / 5e-30 - 1) < 1e-6)
        #expect(Gradients.scale(leaves([Tensor([1, .nan], shape: [2])]), by: 1).isNaN)
    }

    @Test func scaleChangesAllGradients() {
        let gradients = [Tensor.random([5], 1), Tensor.random([70_000], 2)]
        let variables = leaves(gradients) + [Variable.parameter(Tensor(zeros: [2]))]
        let norm = Gradients.scale(variables, by: 0.3)
        for (variable, gradient) in zip(variables, gradients) {
            #expect(variable.gradient?.values == gradient.values.map { $0 * 0.3 })
        }
        #expect(variables[2].gradient == nil)
        #expect(norm == Gradients.scale(variables, by: 1))
    }

    @Test(arguments: [0, 1, 1023, 1024, 2500, 4999], [Float.nan, .infinity, -.infinity])
    func firstNonFiniteIsFound(_ place: Int, value: Float) {
        let x = Tensor.random([5000], 1)
        #expect(x.firstNonFinite == nil)
        x.pointer[place] = value
        x.pointer[4999] = value
        #expect(x.firstNonFinite == place)
    }

    @Test func largestFiniteValuesAreFinite() {
        let limit = Float.greatestFiniteMagnitude
        #expect(Tensor([limit, -limit, .leastNonzeroMagnitude, 0], shape: [4]).firstNonFinite == nil)
    }

    /// A parameter is complete as soon as its gradient is, and not before.
    @Test func parametersAreCompletedOneByOne() {
        let (first, twice, unused) = (
            Variable.parameter(.random([4], 1)), Variable.parameter(.random([4], 2)),
            Variable.parameter(.random([4], 3))
        )
        let names = [ObjectIdentifier(first): "first", ObjectIdentifier(twice): "twice"]
        func product(_ tape: Tape, _ x: Variable, _ y: Variable, _ done: @escaping () -> Void) -> Variable {
            let values = zip(x.value.values, y.value.values).map { $0 * $1 }
            return tape.record(Tensor(values, shape: [4]), inputs: [x, y]) { dz in
                done()
                func times(_ other: Variable) -> Tensor {
                    Tensor(zip(dz.values, other.value.values).map { $0 * $1 }, shape: [4])
                }
                return [times(y), times(x)]
            }
        }
        var events: [String] = []
        let tape = Tape()
        let a = product(tape, first, twice) { events.append("step 1") }
        let b = product(tape, a, twice) { events.append("step 2") }
        let c = product(tape, b, Variable.constant(.random([4], 4))) { events.append("step 3") }
        var gradients: [String: [Float]] = [:]
        tape.backward(from: c) { variable in
            let name = names[ObjectIdentifier(variable)] ?? "another"
            events.append(name)
            gradients[name] = variable.gradient?.values
        }
        #expect(events.prefix(3) == ["step 3", "step 2", "step 1"])
        #expect(Set(events.dropFirst(3)) == ["first", "twice"] && events.count == 5)
        #expect(gradients["first"] == first.gradient?.values && gradients["twice"] == twice.gradient?.values)
        #expect(unused.gradient == nil)

        // What only the last step reads is complete before the one below it runs.
        events = []
        let tape2 = Tape()
        let d = product(tape2, first, Variable.constant(.random([4], 5))) { events.append("step 1") }
        let e = product(tape2, d, twice) { events.append("step 2") }
        tape2.backward(from: e) { events.append(names[ObjectIdentifier($0)] ?? "another") }
        #expect(events == ["step 2", "twice", "step 1", "first"])
    }
}
