import Autodiff
import Benchmark
import Layers
import Measuring
import Tensors
import Workloads

/// Group norm with and without GELU, GELU alone, and log compression, at the size of the encoder's layer 2.
func registerNorms() {
    let shape = [1, 3748, 512]
    let count = shape.reduce(1, *)
    func setup() -> (x: Variable, weight: Variable, bias: Variable, dy: Tensor) {
        (
            .parameter(PaperModel.tensor(shape)), .parameter(PaperModel.tensor([512])),
            .parameter(PaperModel.tensor([512])), PaperModel.tensor(shape)
        )
    }
    typealias Operation = (Tape, Variable, Variable, Variable) -> Variable
    let operations: [(String, Operation)] = [
        ("group norm", { $0.groupNorm($1, weight: $2, bias: $3, activation: nil) }),
        ("group norm and GELU", { $0.groupNorm($1, weight: $2, bias: $3, activation: .gelu) }),
        ("GELU", { tape, x, _, _ in tape.activate(x, .gelu) }),
        ("log compression", { tape, x, _, _ in tape.logCompress(x) }),
    ]
    for (name, operation) in operations {
        kernel("\(name), forward", .floats(2 * count), setup: setup) { operands, timed in
            let tape = Tape(recording: false)
            timed { _ = operation(tape, operands.x, operands.weight, operands.bias) }
        }
        kernel("\(name), backward", .floats(3 * count), setup: setup) { operands, timed in
            let tape = Tape()
            let y = operation(tape, operands.x, operands.weight, operands.bias)
            timed { tape.backward(from: y, seed: operands.dy) }
            for variable in [operands.x, operands.weight, operands.bias] { variable.clearGradient() }
        }
    }
}
