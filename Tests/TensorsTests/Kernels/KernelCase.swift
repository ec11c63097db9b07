import Testing

/// A kernel, what it is given for a length, and what has to come out.
struct KernelCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// Its arrays for a length, in the order of `KernelArguments`.
    let arrays: @Sendable (Int) -> [KernelArray]
    /// Calls it.
    /// - Returns: its result, or 0.
    let call: @Sendable (KernelArguments, Int) -> Double
    /// From the arrays before the call what some of them hold after it, by their places; the result's place is -1.
    let expected: @Sendable ([[Double]], Int) -> [Int: [Double]]
    /// Relative to 1 or to the value, whichever is larger.
    let tolerance: Double

    init(
        _ name: String, tolerance: Double = 1e-5, arrays: @escaping @Sendable (Int) -> [KernelArray],
        call: @escaping @Sendable (KernelArguments, Int) -> Double,
        expected: @escaping @Sendable ([[Double]], Int) -> [Int: [Double]]
    ) {
        (self.name, self.arrays, self.call, self.expected) = (name, arrays, call, expected)
        self.tolerance = tolerance
    }

    /// One without a result.
    init(
        _ name: String, tolerance: Double = 1e-5, arrays: @escaping @Sendable (Int) -> [KernelArray],
        do body: @escaping @Sendable (KernelArguments, Int) -> Void,
        expected: @escaping @Sendable ([[Double]], Int) -> [Int: [Double]]
    ) {
        self.init(
            name, tolerance: tolerance, arrays: arrays,
            call: { arguments, n in
                body(arguments, n)
                return 0
            }, expected: expected)
    }

    var testDescription: String { name }
}

/// Memory that a kernel is given.
enum KernelArray {
    case floats([Float])
    case doubles([Double])
    case integers([Int32])

    /// Values between -2 and 2; another number gives other values.
    static func random(_ count: Int, _ number: Int) -> KernelArray { .floats(Self.values(count, number)) }

    static func values(_ count: Int, _ number: Int) -> [Float] {
        var state = UInt64(bitPattern: Int64(number &* 7919 &+ 17))
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 22) - 2
        }
    }

    static func zeros(_ count: Int) -> KernelArray { .floats([Float](repeating: 0, count: count)) }

    var elementSize: Int {
        switch self {
        case .floats, .integers: 4
        case .doubles: 8
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .floats(let values): values.withUnsafeBytes { [UInt8]($0) }
        case .doubles(let values): values.withUnsafeBytes { [UInt8]($0) }
        case .integers(let values): values.withUnsafeBytes { [UInt8]($0) }
        }
    }

    /// The values of bytes of the same kind.
    func values(of bytes: [UInt8]) -> [Double] {
        bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: elementSize).map { offset in
                switch self {
                case .floats: Double(raw.loadUnaligned(fromByteOffset: offset, as: Float.self))
                case .doubles: raw.loadUnaligned(fromByteOffset: offset, as: Double.self)
                case .integers: Double(raw.loadUnaligned(fromByteOffset: offset, as: Int32.self))
                }
            }
        }
    }
}

/// Pointers to the arrays of a case.
struct KernelArguments {
    let memory: [GuardedMemory]

    subscript(place: Int) -> UnsafeMutablePointer<Float> {
        memory[place].pointer.assumingMemoryBound(to: Float.self)
    }

    func doubles(_ place: Int) -> UnsafeMutablePointer<Double> {
        memory[place].pointer.assumingMemoryBound(to: Double.self)
    }

    func integers(_ place: Int) -> UnsafeMutablePointer<Int32> {
        memory[place].pointer.assumingMemoryBound(to: Int32.self)
    }

    /// Pointers to the rows of a matrix.
    func rows(_ place: Int, _ count: Int, of n: Int) -> [UnsafePointer<Float>?] {
        (0..<count).map { UnsafePointer(self[place] + $0 * n) }
    }
}
