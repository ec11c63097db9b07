import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct ArgmaxTests {
    @Test(arguments: [1, 7, 13, 16, 33, 320], [false, true])
    func takesTheLargest(_ variables: Int, noisy: Bool) {
        let logits = Tensor.random([300, 2 * variables], 1)
        let noise = noisy ? Tensor.random([300, 2 * variables], 2) : nil
        let sums = noise.map { zip(logits.values, $0.values).map(+) } ?? logits.values
        let expected = (0..<600).map { row in
            let values = Array(sums[row * variables..<(row + 1) * variables])
            return Int32(values.firstIndex(of: values.max() ?? 0) ?? -1)
        }
        #expect(argmax(logits, noise: noise, variables: variables) == expected)
    }

    @Test(arguments: [2, 7, 16, 33])
    func tiesGoToTheFirst(_ variables: Int) {
        // The largest value stands in all places from `first` on.
        let logits = Tensor(zeros: [variables, variables])
        for first in 0..<variables {
            for place in first..<variables { logits.pointer[first * variables + place] = 1 }
        }
        #expect(argmax(logits, variables: variables) == (0..<Int32(variables)).map { $0 })
    }

    /// The sum decides: noise that makes two candidates alike gives the first.
    @Test func tiesAfterTheNoise() {
        let logits = Tensor([0, 1, 2] as [Float], shape: [1, 3])
        let noise = Tensor([2, 1, 0] as [Float], shape: [1, 3])
        #expect(argmax(logits, noise: noise, variables: 3) == [0])
    }
}
