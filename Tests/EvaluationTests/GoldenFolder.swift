import Foundation
import TensorFiles
import Testing

/// What the field's tools computed: see `Cases/README.md`.
enum GoldenFolder {
    /// The project's, and the one that `VQW2V_GOLDEN_EVALUATE_DIR` names.
    static let all: [URL] = {
        let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")
        let other = ProcessInfo.processInfo.environment["VQW2V_GOLDEN_EVALUATE_DIR"]
        return [own] + (other.map { [URL(fileURLWithPath: $0)] } ?? [])
    }()

    /// The cases of one kind. A folder that cannot be read stops the run: no case is ever skipped.
    static func cases(_ kind: String) -> [GoldenCase] {
        let folders = all.map { $0.appendingPathComponent(kind) }.filter {
            FileManager.default.fileExists(atPath: $0.path)
        }
        let cases = folders.flatMap { folder in
            try! FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
                GoldenCase(folder: folder.appendingPathComponent($0))
            }
        }
        precondition(!cases.isEmpty, "no cases of \(kind)")
        return cases
    }

    static func files(_ kind: String) -> [GoldenCase] {
        let folders = all.map { $0.appendingPathComponent(kind) }
        return folders.filter { FileManager.default.fileExists(atPath: $0.path) }.map(GoldenCase.init)
    }
}

struct GoldenCase: Sendable, CustomTestStringConvertible {
    let folder: URL

    var name: String { folder.lastPathComponent }
    var testDescription: String { folder.pathComponents.suffix(2).joined(separator: "/") }

    func path(_ file: String) -> String { folder.appendingPathComponent(file).standardized.path }

    func text(_ file: String) throws -> String {
        try String(contentsOfFile: path(file), encoding: .utf8)
    }

    func json(_ file: String) throws -> JSONValue { try JSONValue(parsing: try text(file)) }

    /// The records of a table that begins with its names: fields by their names.
    func table(_ file: String) throws -> [[String: String]] {
        let lines = try text(file).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    }
}

extension JSONValue {
    subscript(key: String) -> JSONValue {
        guard case .object(let object) = self else { return .null }
        return object[key] ?? .null
    }

    var number: Double {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: .nan
        }
    }

    var integer: Int { if case .integer(let value) = self { value } else { -1 } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var items: [JSONValue] { if case .array(let values) = self { values } else { [] } }

    var members: [(String, JSONValue)] {
        if case .object(let object) = self { object.map { ($0.0, $0.1) } } else { [] }
    }
}
