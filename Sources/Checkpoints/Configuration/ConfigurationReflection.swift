import Autodiff
import Foundation
import Layers
import TensorFiles
import Tensors
import VQWav2Vec
import Wav2Vec2

/// A value of a configuration that is no section of others.
protocol ConfigurationValue {
    /// How messages call the values of the type.
    static var form: String { get }
    /// A value as files write it, in the form in which it is decoded.
    /// - Throws: `ConfigurationMisfit` where it is of another kind.
    static func checked(_ value: JSONValue, at path: String) throws -> JSONValue
    var json: JSONValue { get }
}

/// A value that does not fit its key.
struct ConfigurationMisfit: Error {
    /// Dotted key, with `[i]` for the element of a list.
    let path: String
    /// What follows the key in a sentence.
    let problem: String

    init(path: String, problem: String) { (self.path, self.problem) = (path, problem) }

    init(_ value: JSONValue, at path: String, expected: String) {
        let text = value.inYAML
        let short = text.count > 60 ? "\(text.prefix(60))…" : text
        self.init(path: path, problem: "is \(short), but must be \(expected)")
    }
}

extension JSONValue {
    /// A configuration as it stands in files: its properties in the order of declaration, their names in
    /// snake_case.
    package init(reflecting configuration: Any) {
        if let value = configuration as? any ConfigurationValue {
            self = value.json
            return
        }
        var members = JSONObject()
        for (key, value) in Self.properties(configuration) { members[key] = JSONValue(reflecting: value) }
        self = .object(members)
    }

    /// The configuration of which this is the full tree.
    /// - Parameter configuration: any of its type.
    /// - Throws: `ConfigurationMisfit` for the first key that is missing or holds a value of the wrong kind.
    package func decode<Configuration: Decodable>(like configuration: Configuration) throws -> Configuration {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            Configuration.self, from: JSONEncoder().encode(checked(like: configuration, path: "")))
    }

    /// This tree with every value in the form in which it is decoded.
    private func checked(like configuration: Any, path: String) throws -> JSONValue {
        if let value = configuration as? any ConfigurationValue {
            return try type(of: value).checked(self, at: path)
        }
        guard case .object(let members) = self else {
            throw ConfigurationMisfit(self, at: path, expected: "a section of keys")
        }
        var result = JSONObject()
        for (key, value) in Self.properties(configuration) {
            let inner = path.isEmpty ? key : "\(path).\(key)"
            guard let member = members[key] else {
                throw ConfigurationMisfit(path: inner, problem: "is missing")
            }
            result[key] = try member.checked(like: value, path: inner)
        }
        return .object(result)
    }

    private static func properties(_ value: Any) -> [(key: String, value: Any)] {
        Mirror(reflecting: value).children.compactMap { child in
            child.label.map { (key(ofProperty: $0), child.value) }
        }
    }

    /// `weightDecay` → `weight_decay`; capitals in a row begin no words: `infoNCE` → `infonce`.
    private static func key(ofProperty name: String) -> String {
        let letters = Array(name)
        return letters.indices.map { index in
            let next = index + 1 < letters.count ? letters[index + 1] : "A"
            let beginsWord = index > 0 && letters[index].isUppercase && !next.isUppercase
            return (beginsWord ? "_" : "") + letters[index].lowercased()
        }.joined()
    }
}

extension RunConfiguration: CustomReflectable {
    /// In files the model's parts stand beside the others.
    public var customMirror: Mirror {
        if let family {
            let blocks = wav2vec2.map { Mirror(reflecting: $0) } ?? hubert.map { Mirror(reflecting: $0) }
            let sections: [Mirror.Child] = [
                ("optimizer", optimizer), ("schedule", schedule), ("data", data),
                ("augmentation", augmentation), ("training", training),
            ]
            return Mirror(
                self,
                children: [("family", family)] + (blocks.map { Array($0.children) } ?? []) + sections)
        }
        let sections: [Mirror.Child] = [
            ("loss", loss), ("optimizer", optimizer), ("schedule", schedule), ("data", data),
            ("augmentation", augmentation), ("codebook", codebook), ("training", training),
        ]
        return Mirror(self, children: Array(Mirror(reflecting: model).children) + sections)
    }
}

extension Bool: ConfigurationValue {
    static var form: String { "true or false" }
    var json: JSONValue { .boolean(self) }

    static func checked(_ value: JSONValue, at path: String) throws -> JSONValue {
        guard case .boolean = value else { throw ConfigurationMisfit(value, at: path, expected: form) }
        return value
    }
}

extension Int: ConfigurationValue {
    static var form: String { "a whole number" }
    var json: JSONValue { .integer(self) }

    static func checked(_ value: JSONValue, at path: String) throws -> JSONValue {
        switch value {
        case .integer: return value
        // 1e6
        case .number(let number):
            if let whole = Int(exactly: number) { return .integer(whole) }
            fallthrough
        default: throw ConfigurationMisfit(value, at: path, expected: form)
        }
    }
}

extension Double: ConfigurationValue {
    static var form: String { "a number" }
    var json: JSONValue { .number(self) }

    static func checked(_ value: JSONValue, at path: String) throws -> JSONValue {
        switch value {
        case .integer(let whole): return .number(Double(whole))
        case .number(let number) where number.isFinite: return value
        default: throw ConfigurationMisfit(value, at: path, expected: form)
        }
    }
}

extension String: ConfigurationValue {
    static var form: String { "text" }
    var json: JSONValue { .string(self) }

    static func checked(_ value: JSONValue, at path: String) throws -> JSONValue {
        guard case .string = value else { throw ConfigurationMisfit(value, at: path, expected: form) }
        return value
    }
}

extension ConvolutionLayer: ConfigurationValue {
    static var form: String { "[channels, kernel, stride]" }
    var json: JSONValue { .array([.integer(channels), .integer(kernel), .integer(stride)]) }

    static func checked(_ value: JSONValue, at path: String) throws -> JSONValue {
        guard case .array(let numbers) = value, numbers.count == 3 else {
            throw ConfigurationMisfit(value, at: path, expected: form)
        }
        return .array(try numbers.enumerated().map { try Int.checked($1, at: "\(path)[\($0)]") })
    }
}

extension Array: ConfigurationValue where Element: ConfigurationValue {
    static var form: String { "a list of \(Element.form)" }
    var json: JSONValue { .array(map(\.json)) }

    static func checked(_ value: JSONValue, at path: String) throws -> JSONValue {
        guard case .array(let elements) = value else {
            throw ConfigurationMisfit(value, at: path, expected: form)
        }
        return .array(try elements.enumerated().map { try Element.checked($1, at: "\(path)[\($0)]") })
    }
}

/// An enumeration by the names of its cases.
protocol ConfigurationChoice: ConfigurationValue, CaseIterable, RawRepresentable<String> {}

extension ConfigurationChoice {
    static var form: String { "one of \(allCases.map(\.rawValue).joined(separator: ", "))" }
    var json: JSONValue { .string(rawValue) }

    static func checked(_ value: JSONValue, at path: String) throws -> JSONValue {
        guard case .string(let name) = value, Self(rawValue: name) != nil else {
            throw ConfigurationMisfit(value, at: path, expected: form)
        }
        return value
    }
}

extension Activation: ConfigurationChoice {}
extension Precision: ConfigurationChoice {}
extension ScheduleConfiguration.Decay: ConfigurationChoice {}
extension ExtractorConfiguration.Norm: ConfigurationChoice {}
extension SpanConfiguration.Lengths: ConfigurationChoice {}
extension QuantizerConfiguration.Kind: ConfigurationChoice {}
extension QuantizerConfiguration.Position: ConfigurationChoice {}
extension TemperatureConfiguration.Schedule: ConfigurationChoice {}
extension PredictionConfiguration.FeatureProjection: ConfigurationChoice {}
