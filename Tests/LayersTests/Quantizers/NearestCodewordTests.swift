import Autodiff
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct NearestCodewordTests {
    struct Case: Sendable {
        let rows, groups, variables, width: Int
        let shared: Bool

        var books: Int { shared ? 1 : groups }
        /// The row of the codebook of an id.
        func row(_ id: Int32, group: Int) -> Int { (shared ? 0 : group * variables) + Int(id) }
    }

    static let cases: [Case] = [
        (1, 1, 1, 1), (5, 1, 7, 13), (9, 2, 16, 7), (13, 3, 33, 5), (700, 2, 20, 4), (6, 2, 320, 256),
    ].flatMap { c in
        [true, false].map { Case(rows: c.0, groups: c.1, variables: c.2, width: c.3, shared: $0) }
    }

    static func inputs(_ c: Case) -> (z: Tensor, codebook: Tensor) {
        (.random([c.rows, c.groups * c.width], 1), .random([c.books * c.variables, c.width], 2))
    }

    @Test(arguments: cases)
    func takesTheNearest(_ c: Case) {
        let (z, codebook) = Self.inputs(c)
        var ids: [Int32] = []
        let passes = Passes([z, codebook]) { tape, v in
            let choice = tape.nearestCodeword(v[0], codebook: v[1], groups: c.groups, variables: c.variables)
            ids = choice.ids
            return choice.quantized
        }
        let (rows, words) = (z.doubles, codebook.doubles)
        #expect(ids == (0..<c.rows * c.groups).map { nearest(rows, words, place: $0, c) })
        #expect(ids == nearestCodewords(z, codebook: codebook, groups: c.groups, variables: c.variables))

        #expect(passes.output.values == quantized(ids, codebook, c))
        #expect(passes.gradients[0]?.values == passes.seed.values)
        #expect(passes.gradients[1] == nil, "the codebook learns from its loss alone")
    }

    @Test(arguments: [2, 7, 16, 33])
    func tiesGoToTheFirst(_ variables: Int) {
        // Codewords 0, 2, 4, … are alike, and so are 1, 3, 5, …
        let pair = Tensor.random([2, 3], 1)
        let codebook = Tensor(
            (0..<variables).flatMap { pair.values[$0 % 2 * 3..<($0 % 2 + 1) * 3] }, shape: [variables, 3])
        #expect(nearestCodewords(pair, codebook: codebook, groups: 1, variables: variables) == [0, 1])
        let far = Tensor(zeros: [variables, 3])
        #expect(nearestCodewords(pair, codebook: far, groups: 1, variables: variables) == [0, 0])
    }

    /// Matrix products round equal columns differently, depending on where they lie.
    @Test func tiesAmongManyFramesGoToTheFirst() {
        let words = Tensor.random([5, 96], 1)
        let codebook = Tensor(
            (0..<43).flatMap { words.values[$0 % 5 * 96..<($0 % 5 + 1) * 96] }, shape: [43, 96])
        let ids = nearestCodewords(.random([200, 96], 2), codebook: codebook, groups: 1, variables: 43)
        #expect(ids.allSatisfy { $0 < 5 } && Set(ids).count > 1)
    }

    @Test(arguments: cases, [0.25, 0] as [Float])
    func lossAndItsGradients(_ c: Case, gamma: Float) {
        let (z, codebook) = Self.inputs(c)
        let ids = nearestCodewords(z, codebook: codebook, groups: c.groups, variables: c.variables)
        let passes = Passes([z, codebook]) { tape, v in
            tape.codebookLoss(
                v[0], codebook: v[1], ids: ids, groups: c.groups, variables: c.variables, gamma: gamma)
        }
        let (rows, words) = (z.doubles, codebook.doubles)
        let count = Double(rows.count)
        // mean ‖z − ẑ‖² and its gradients; sg() decides who gets which share.
        var (mean, dz, dWords) = (0.0, rows.map { _ in 0.0 }, words.map { _ in 0.0 })
        for (place, id) in ids.enumerated() {
            for i in 0..<c.width {
                let (at, word) = (place * c.width + i, c.row(id, group: place % c.groups) * c.width + i)
                let difference = rows[at] - words[word]
                mean += difference * difference / count
                dz[at] += 2 * difference / count
                dWords[word] -= 2 * difference / count
            }
        }
        let (seed, gamma) = (Double(passes.seed.scalar), Double(gamma))
        expectClose(passes.output, [(1 + gamma) * mean], within: 2e-7, "loss")
        // Small numbers, where many elements share a mean: compared as multiples of 1/count.
        let scaled = passes.gradients.map { gradient in
            gradient.map { g in Tensor(g.values.map { $0 * Float(count) }, shape: g.shape) }
        }
        expectClose(scaled[0], dz.map { count * seed * gamma * $0 }, within: 1e-6, "∂z")
        expectClose(scaled[1], dWords.map { count * seed * $0 }, within: 1e-6, "∂codebook")
    }

    /// Straight through: ẑ's gradient is z's, by the same memory.
    @Test func copiedGradientsAreSummedToo() {
        let tape = Tape(keepingGradients: true)
        let z = Variable.parameter(.random([1, 4, 2], 1))
        let codebook = Variable.parameter(.random([3, 2], 2))
        let other = tape.residualSum(z, z, scale: 0.5)
        let rows = tape.reshape(z, [4, 2])
        let (quantized, _) = tape.nearestCodeword(rows, codebook: codebook, groups: 1, variables: 3)
        let y = tape.residualSum(tape.reshape(quantized, [1, 4, 2]), other, scale: 1)
        let seed = Tensor.random([1, 4, 2], 3)
        let values = seed.values
        tape.backward(from: y, seed: seed)
        #expect(z.gradient?.values == values.map { 2 * $0 })
        #expect(quantized.gradient?.values == values)
        #expect(rows.gradient?.values == values)
    }
}

private typealias Case = NearestCodewordTests.Case

private func nearest(_ z: [Double], _ codebook: [Double], place: Int, _ c: Case) -> Int32 {
    let distances = (0..<Int32(c.variables)).map { id in
        let word = c.row(id, group: place % c.groups) * c.width
        return (0..<c.width).reduce(0.0) { sum, i in
            let difference = z[place * c.width + i] - codebook[word + i]
            return sum + difference * difference
        }
    }
    return Int32(distances.firstIndex(of: distances.min() ?? 0) ?? -1)
}

private func quantized(_ ids: [Int32], _ codebook: Tensor, _ c: Case) -> [Float] {
    let words = codebook.values
    return ids.enumerated().flatMap { place, id in
        let row = c.row(id, group: place % c.groups)
        return words[row * c.width..<(row + 1) * c.width]
    }
}
