import Foundation
import TensorFiles
import Tensors
import Testing

/// Compares computed tensors with the stored ones of one file, and makes sure that none is left out.
final class Comparison {
    private let golden: GoldenCase
    private let section: String
    private let file: SafetensorsFile
    private var unchecked: Set<String>

    init(_ golden: GoldenCase, section: String) throws {
        self.golden = golden
        self.section = section
        file = try golden.tensors(section)
        unchecked = Set(file.names)
    }

    func has(_ name: String) -> Bool { file.contains(name) }

    func stored(_ name: String) throws -> Tensor { try file.tensor(name) }

    /// max |a − b| must be within the stored tolerance.
    func check(_ name: String, _ actual: Tensor, location: SourceLocation = #_sourceLocation) throws {
        unchecked.remove(name)
        let expected = try file.tensor(name)
        guard let tolerance = golden.info.tolerance["\(section).\(name)"]?.atol else {
            Issue.record("\(golden.name): no tolerance for \(section).\(name)", sourceLocation: location)
            return
        }
        let label = "\(golden.name) \(section).\(name)"
        #expect(actual.shape == expected.shape, "\(label)", sourceLocation: location)
        guard actual.count == expected.count else { return }
        var largest = 0.0
        for (a, b) in zip(actual.values, expected.values) {
            let difference = abs(Double(a) - Double(b))
            largest = difference.isNaN ? .infinity : max(largest, difference)
        }
        #expect(
            largest <= tolerance, "\(label): off by \(largest), allowed \(tolerance)",
            sourceLocation: location)
    }

    func check(_ name: String, _ actual: Double, location: SourceLocation = #_sourceLocation) throws {
        try check(name, Tensor([Float(actual)], shape: [1]), location: location)
    }

    /// Integers must be equal.
    func check(_ name: String, _ actual: [Int32], location: SourceLocation = #_sourceLocation) throws {
        unchecked.remove(name)
        let expected = try file.integers(name)
        #expect(
            actual.map(Int64.init) == expected, "\(golden.name) \(section).\(name)", sourceLocation: location)
    }

    /// Every stored tensor must have been compared.
    func finish(location: SourceLocation = #_sourceLocation) {
        #expect(
            unchecked.isEmpty, "\(golden.name) \(section): not compared: \(unchecked.sorted())",
            sourceLocation: location)
    }
}
