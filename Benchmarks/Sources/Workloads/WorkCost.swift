import Tensors

/// What a work has to compute and to move: the roofline's two numbers.
public struct WorkCost: Codable, Sendable {
    /// Floating-point operations of the algorithms that are chosen.
    public var operations = 0.0
    /// The same of the sums as written: what direct convolutions would take.
    public var directOperations = 0.0
    /// Between memory and processor, had every operation to read each stored operand once and to write its
    /// result once, and nothing more.
    public var bytes = 0.0
    /// Of the operands of large products, which decides which algorithms are chosen.
    public let precision: Precision

    public init(precision: Precision = .float32) { self.precision = precision }

    /// Seconds that no implementation of these algorithms can fall below.
    public func bound(_ machine: Machine) -> Double {
        max(operations / machine.rate(precision), bytes / machine.copyRate)
    }

    public static func + (a: WorkCost, b: WorkCost) -> WorkCost {
        var sum = a
        sum.operations += b.operations
        sum.directOperations += b.directOperations
        sum.bytes += b.bytes
        return sum
    }

    /// Work with one way to do it.
    mutating func add(operations: Double = 0, floats: Int = 0) {
        self.operations += operations
        directOperations += operations
        bytes += 4 * Double(floats)
    }

    /// A matrix product [rows, inner]·[inner, columns], forward, and with both gradients.
    mutating func addProduct(rows: Int, inner: Int, columns: Int, training: Bool) {
        let operations = 2 * Double(rows) * Double(inner * columns)
        let floats = rows * (inner + columns)
        add(operations: training ? 3 * operations : operations, floats: training ? 3 * floats : floats)
    }
}
