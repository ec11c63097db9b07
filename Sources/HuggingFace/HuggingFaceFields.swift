import Files
import TensorFiles

/// Fields of a JSON document by name, each read as the kind of value that it has to be.
struct HuggingFaceFields {
    let path: String
    private let fields: JSONObject

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

    /// Nil where the field is missing or null.
    func value(_ name: String) -> JSONValue? { fields[name].flatMap { $0 == .null ? nil : $0 } }

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

    func boolean(_ name: String, default standard: Bool) throws -> Bool {
        guard let value = value(name) else { return standard }
        guard case .boolean(let boolean) = value else { throw wrong(name, value, expected: "true or false") }
        return boolean
    }

    /// No field needs more than 31 bits, and smaller numbers can be multiplied without fear.
    func integer(_ name: String, default standard: Int) throws -> Int {
        guard let value = value(name) else { return standard }
        guard let integer = Self.count(value) else { throw wrong(name, value, expected: Self.countForm) }
        return integer
    }

    func integers(_ name: String, default standard: [Int]) throws -> [Int] {
        guard let value = value(name) else { return standard }
        guard case .array(let list) = value, list.allSatisfy({ Self.count($0) != nil }) else {
            throw wrong(name, value, expected: "a list of whole numbers")
        }
        return list.compactMap(Self.count)
    }

    private static func count(_ value: JSONValue) -> Int? {
        guard case .integer(let integer) = value, Int32(exactly: integer) != nil, integer >= 0 else {
            return nil
        }
        return integer
    }

    private static let countForm = "a whole number from 0 to \(Int32.max)"

    func number(_ name: String, default standard: Double) throws -> Double {
        switch value(name) {
        case nil: return standard
        case .integer(let integer)?: return Double(integer)
        case .number(let number)? where number.isFinite: return number
        case let value?: throw wrong(name, value, expected: "a number")
        }
    }

    func string(_ name: String, default standard: String) throws -> String {
        guard let value = value(name) else { return standard }
        guard case .string(let string) = value else { throw wrong(name, value, expected: "text") }
        return string
    }

    /// Refuses every value but one.
    func require(_ name: String, _ only: JSONValue) throws {
        guard let value = value(name), value != only else { return }
        throw wrong(name, value, expected: "\(only)")
    }
}
