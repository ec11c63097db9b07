import OperationSupport
import Tensors
import Testing

@Suite struct TensorTests {
    @Test(arguments: [
        ([1], [0]), ([2, 3], [1, 0]), ([2, 3], [0, 1]), ([4, 5, 6], [0, 2, 1]), ([4, 5, 6], [2, 0, 1]),
        ([3, 1, 7, 2], [3, 1, 2, 0]), ([2, 0, 3], [2, 1, 0]),
    ])
    func transposedMovesEveryValue(_ shape: [Int], axes: [Int]) {
        let x = Tensor.random(shape, 1)
        let y = x.transposed(axes)
        #expect(y.shape == axes.map { shape[$0] })
        for index in 0..<y.count {
            // The place of value `index` along each of y's axes, then along x's.
            var (rest, place) = (index, [Int](repeating: 0, count: shape.count))
            for axis in axes.indices.reversed() {
                place[axes[axis]] = rest % y.shape[axis]
                rest /= y.shape[axis]
            }
            let source = zip(place, shape).reduce(0) { $0 * $1.1 + $1.0 }
            #expect(y.pointer[index] == x.pointer[source])
        }
        let inverse = axes.indices.map { axis in axes.firstIndex(of: axis) ?? axis }
        #expect(y.transposed(inverse).values == x.values)
    }

    @Test func viewsShareAndCopiesDoNot() {
        let x = Tensor.random([2, 3], 1)
        let (view, copy) = (x.reshaped([6]), x.copy())
        x.pointer[4] = 42
        #expect(view.pointer[4] == 42)
        #expect(copy.pointer[4] != 42)
        copy.assign(x)
        #expect(copy.values == x.values)
    }

    /// Recycled memory comes with old values in it.
    @Test func zerosAreZeroInRecycledMemory() {
        for count in [1, 64, 65, 1000, 4097] {
            for _ in 0..<3 {
                let x = Tensor(zeros: [count])
                #expect(x.values.allSatisfy { $0 == 0 })
                x.fill(.nan)
            }
        }
    }
}
