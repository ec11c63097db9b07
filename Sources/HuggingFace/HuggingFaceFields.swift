import Files
import TensorFiles

/// Fields of a JSON document by name, each read as the kind of value that it has to be.
struct HuggingFaceFields: JSONFields {
    let path: String
    let fields: JSONObject

    init(_ fields: JSONObject, path: String) { (self.fields, self.path) = (fields, path) }

    /// - Throws: `FileError`, or `HuggingFaceError` for what is no object of JSON.
    init(path: String) throws {
        let file = try InputFile(path: path)
        guard try !file.isGitLFSPointer else { throw HuggingFaceError.gitLFSPointer(path: path) }
        let value: JSONValue
        do {
            value = try file.bytes().withUnsafeBytes { try JSONValue(parsing: $0) }
        } catch let error as JSONError {
            throw HuggingFaceError.unreadable(path: path, problem: "is no JSON: \(error)")
        }
        guard case .object(let fields) = value else {
            throw HuggingFaceError.unreadable(path: path, problem: "is no object of JSON")
        }
        self.init(fields, path: path)
    }

    func wrong(_ name: String, _ value: JSONValue, expected: String) -> HuggingFaceError {
        .wrongValue(path: path, field: name, value: value, expected: expected)
    }

    func object(_ name: String) throws -> HuggingFaceFields? {
        guard let value = value(name) else { return nil }
        guard case .object(let object) = value else { throw wrong(name, value, expected: "an object") }
        return HuggingFaceFields(object, path: path)
    }

    /// The members that are texts.
    var texts: [String: String] {
        fields.reduce(into: [:]) { texts, member in
            if case .string(let text) = member.value { texts[member.key] = text }
        }
    }

    /// Refuses every value but one.
    func require(_ name: String, _ only: JSONValue) throws {
        guard let value = value(name), value != only else { return }
        throw wrong(name, value, expected: "\(only)")
    }
}
