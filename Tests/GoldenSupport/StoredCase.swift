import Foundation
import Layers
import TensorFiles
import Tensors
import Testing

/// What the tests read of a `case.json`.
package protocol CaseDescription: Decodable, Sendable {
    /// By section and name of a tensor.
    var tolerance: [String: Comparison.Tolerance] { get }
}

/// One folder of numbers computed with fairseq, of either model: see `Cases/README.md` for the format.
package struct StoredCase<Info: CaseDescription>: CustomTestStringConvertible, Sendable {
    package let name: String
    package let folder: URL
    package let info: Info

    package var testDescription: String { name }

    package init(folder: URL) throws {
        self.folder = folder
        name = folder.lastPathComponent
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        info = try decoder.decode(
            Info.self, from: Data(contentsOf: folder.appendingPathComponent("case.json")))
    }

    /// The cases below some folders. One that cannot be read stops the run: no case is ever skipped.
    package static func cases(in folders: [URL]) -> [StoredCase] {
        GoldenFolders.cases(in: folders).map { folder in
            do {
                return try StoredCase(folder: folder)
            } catch {
                preconditionFailure("\(folder.path): \(error)")
            }
        }
    }

    package func tensors(_ file: String) throws -> SafetensorsFile {
        try SafetensorsFile(path: folder.appendingPathComponent(file + ".safetensors").path)
    }

    package func comparison(_ section: String) throws -> Comparison {
        try Comparison(folder: folder, section: section, tolerances: info.tolerance)
    }

    /// Gives a model the stored parameters. Every stored tensor must have its place.
    package func load(into model: some ParameterizedModel) throws {
        let file = try tensors("params")
        var unused = Set(file.names).subtracting(model.aliases.map(\.alias))
        for parameter in model.parameters {
            let value = try file.tensor(parameter.name)
            guard value.shape == parameter.fairseqShape else {
                throw GoldenError("\(parameter.name): shape \(value.shape), not \(parameter.fairseqShape)")
            }
            parameter.variable.value.assign(parameter.fromFairseq(value))
            unused.remove(parameter.name)
        }
        guard unused.isEmpty else { throw GoldenError("no such parameters: \(unused.sorted())") }
    }
}
