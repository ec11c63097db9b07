import CKernels
import Tensors

extension Tape {
    /// Some rows of a matrix, in any order and as often as they are named.
    ///
    /// - Parameters:
    ///   - x: [..., C], R rows.
    ///   - rows: each from 0 to R − 1.
    /// - Returns: [rows, C].
    public func rows(_ x: Variable, _ rows: [Int32]) -> Variable {
        let width = x.shape.last ?? 1
        requireRows(rows, of: x.value)
        let y = Tensor(uninitialized: [rows.count, width])
        for (index, row) in rows.enumerated() {
            (y.pointer + index * width).update(from: x.value.pointer + Int(row) * width, count: width)
        }
        return record(y, inputs: [x]) { dy in
            // ∂L/∂x[r] = Σ of ∂L/∂y over the places where row r went.
            let dx = zeroTensor(x.shape)
            for (index, row) in rows.enumerated() {
                vq_add(dx.pointer + Int(row) * width, dy.pointer + index * width, width)
            }
            return [dx]
        }
    }

    /// A matrix in which some rows are replaced by one vector.
    ///
    /// - Parameters:
    ///   - x: [..., C], R rows.
    ///   - rows: each from 0 to R − 1, none twice.
    ///   - vector: [C].
    public func replaceRows(_ x: Variable, _ rows: [Int32], with vector: Variable) -> Variable {
        let width = x.shape.last ?? 1
        requireRows(rows, of: x.value)
        precondition(vector.value.count == width, "a vector \(vector.shape) for rows of \(x.shape)")
        let y = x.value.copy()
        for row in rows {
            (y.pointer + Int(row) * width).update(from: vector.value.pointer, count: width)
        }
        return record(y, inputs: [x, vector]) { dy in
            // ∂L/∂x = ∂L/∂y where the row is still x's, ∂L/∂vector the sum of the others.
            let dx = dy.copy()
            var sum = [Double](repeating: 0, count: width)
            for row in rows {
                let row = dx.pointer + Int(row) * width
                for column in 0..<width { sum[column] += Double(row[column]) }
                row.update(repeating: 0, count: width)
            }
            return [dx, Tensor(sum.map { Float($0) }, shape: vector.shape)]
        }
    }

    /// The rows of some matrices of equal width, one matrix below the other.
    ///
    /// - Parameter matrices: [..., C] each.
    /// - Returns: [R, C].
    public func stackRows(_ matrices: [Variable]) -> Variable {
        let width = matrices.first?.shape.last ?? 1
        precondition(matrices.allSatisfy { $0.shape.last == width }, "matrices of different width")
        let y = Tensor(uninitialized: [matrices.reduce(0) { $0 + $1.value.count } / max(1, width), width])
        var start = 0
        for matrix in matrices {
            (y.pointer + start).update(from: matrix.value.pointer, count: matrix.value.count)
            start += matrix.value.count
        }
        return record(y, inputs: matrices) { dy in
            var start = 0
            return matrices.map { matrix in
                let part = Tensor(uninitialized: matrix.shape)
                part.pointer.update(from: dy.pointer + start, count: part.count)
                start += part.count
                return part
            }
        }
    }
}

private func requireRows(_ rows: [Int32], of x: Tensor) {
    let count = x.count / max(1, x.shape.last ?? 1)
    precondition(rows.allSatisfy { $0 >= 0 && $0 < count }, "a row that \(x.shape) has not")
}
