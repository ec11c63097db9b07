import Testing

/// Every kernel at every length from 0 to 70: what comes out is what the definition says, the same bits wherever the
/// arrays lie, and nothing beside them is read or written.
@Suite struct KernelTests {
    static let all = elementKernels + rowKernels + normKernels + waveformKernels + distanceKernels

    @Test(arguments: all) func everyLength(_ kernel: KernelCase) {
        for n in 0...70 {
            let arrays = kernel.arrays(n)
            let roomy = run(kernel, n, arrays, .roomy)
            compare(roomy, kernel, n, arrays)
            for placement in GuardedMemory.Placement.allCases.dropFirst() {
                let other = run(kernel, n, arrays, placement)
                #expect(
                    other.result.bitPattern == roomy.result.bitPattern && other.bytes == roomy.bytes,
                    "\(kernel.name), length \(n): \(placement) gives other bits")
            }
        }
    }

    private struct Outcome {
        let result: Double
        let bytes: [[UInt8]]
    }

    private func run(
        _ kernel: KernelCase, _ n: Int, _ arrays: [KernelArray], _ placement: GuardedMemory.Placement
    ) -> Outcome {
        let arguments = KernelArguments(
            memory: arrays.map { GuardedMemory($0.bytes, elementSize: $0.elementSize, placement) })
        let result = kernel.call(arguments, n)
        return Outcome(result: result, bytes: arguments.memory.map(\.bytes))
    }

    private func compare(_ outcome: Outcome, _ kernel: KernelCase, _ n: Int, _ arrays: [KernelArray]) {
        let before = arrays.map { $0.values(of: $0.bytes) }
        for (place, expected) in kernel.expected(before, n) {
            let found = place < 0 ? [outcome.result] : arrays[place].values(of: outcome.bytes[place])
            #expect(found.count == expected.count, "\(kernel.name), length \(n), array \(place)")
            for (index, (a, b)) in zip(found, expected).enumerated() where a != b {
                #expect(
                    abs(a - b) <= kernel.tolerance * max(1, abs(b)),
                    "\(kernel.name), length \(n), array \(place)[\(index)]: \(a), not \(b)")
            }
        }
    }
}
