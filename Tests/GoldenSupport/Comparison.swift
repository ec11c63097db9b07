import Foundation
import TensorFiles
import Tensors
import Testing

/// Compares computed tensors with the stored ones of one file, and makes sure that none is left out.
package final class Comparison {
    private let name: String
    private let section: String
    private let file: SafetensorsFile
    private let tolerances: [String: Tolerance]
    private var unchecked: Set<String>

    /// Of one tensor, as `case.json` has it.
    package struct Tolerance: Decodable, Sendable { package let atol: Double }

    /// - Parameters:
    ///   - folder: of the case.
    ///   - section: the file, without its ending.
    ///   - tolerances: by section and name.
    package init(folder: URL, section: String, tolerances: [String: Tolerance]) throws {
        name = folder.lastPathComponent
        self.section = section
        self.tolerances = tolerances
        file = try SafetensorsFile(path: folder.appendingPathComponent(section + ".safetensors").path)
        unchecked = Set(file.names)
    }

    package func has(_ name: String) -> Bool { file.contains(name) }

    package func stored(_ tensor: String) throws -> Tensor { try file.tensor(tensor) }

    /// max |a − b| must be within the stored tolerance.
    package func check(_ tensor: String, _ actual: Tensor, location: SourceLocation = #_sourceLocation) throws
    {
        unchecked.remove(tensor)
        let expected = try file.tensor(tensor)
        guard let tolerance = tolerances["\(section).\(tensor)"]?.atol else {
            Issue.record("\(name): no tolerance for \(section).\(tensor)", sourceLocation: location)
            return
        }
        let label = "\(name) \(section).\(tensor)"
        #expect(actual.shape == expected.shape, "\(label)", sourceLocation: location)
        guard actual.count == expected.count else { return }
        var largest = 0.0
        for (a, b) in zip(actual.values, expected.values) {
            // Infinite values must be the same.
            let difference = a == b ? 0 : abs(Double(a) - Double(b))
            largest = difference.isNaN ? .infinity : max(largest, difference)
        }
        #expect(
            largest <= tolerance, "\(label): off by \(largest), allowed \(tolerance)",
            sourceLocation: location)
    }

    package func check(_ tensor: String, _ actual: Double, location: SourceLocation = #_sourceLocation) throws
    {
        try check(tensor, Tensor([Float(actual)], shape: [1]), location: location)
    }

    /// Integers must be equal.
    package func check(_ tensor: String, _ actual: [Int32], location: SourceLocation = #_sourceLocation)
        throws
    {
        unchecked.remove(tensor)
        let expected = try file.integers(tensor)
        #expect(
            actual.map(Int64.init) == expected, "\(name) \(section).\(tensor)", sourceLocation: location)
    }

    /// Every stored tensor must have been compared.
    package func finish(location: SourceLocation = #_sourceLocation) {
        #expect(
            unchecked.isEmpty, "\(name) \(section): not compared: \(unchecked.sorted())",
            sourceLocation: location)
    }
}

extension SafetensorsFile {
    package func tensor(_ name: String) throws -> Tensor {
        Tensor(try floats(name), shape: try entry(name).shape)
    }
}

/// A stored case that cannot be used.
package struct GoldenError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// The folders with cases below some folders, and these themselves.
package enum GoldenFolders {
    /// - Parameters:
    ///   - file: beside whose folder `Cases` the tests stand.
    ///   - variable: of the environment, which may name one more folder.
    package static func all(beside file: String, variable: String) -> [URL] {
        let own = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("Cases")
        let more = ProcessInfo.processInfo.environment[variable].map(URL.init(fileURLWithPath:))
        return [own] + (more.map { [$0] } ?? [])
    }

    /// A folder that cannot be read stops the run: no case is ever skipped.
    package static func cases(in folders: [URL]) -> [URL] {
        folders.flatMap { directory in
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory.path) else {
                preconditionFailure("\(directory.path) cannot be read")
            }
            let folders = [directory] + names.sorted().map(directory.appendingPathComponent)
            func with(_ file: String) -> [URL] {
                folders.filter {
                    FileManager.default.fileExists(atPath: $0.appendingPathComponent(file).path)
                }
            }
            let cases = with("case.json")
            precondition(!cases.isEmpty, "\(directory.path) holds no case")
            precondition(
                Set(with("params.safetensors")).isSubset(of: cases),
                "\(directory.path) holds a case without case.json")
            return cases
        }
    }
}
