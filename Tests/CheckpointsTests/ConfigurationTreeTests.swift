import Checkpoints
import Foundation
import Layers
import TensorFiles
import TestSupport
import Testing
import VQWav2Vec

private func read(_ yaml: String) throws -> JSONValue {
    try ConfigurationSource(yaml: yaml, name: "run.yaml").tree
}

private func message(of yaml: String) -> String {
    do {
        return "no error, but \(try read(yaml))"
    } catch {
        return "\(error)"
    }
}

@Suite struct ConfigurationTreeTests {
    static let mixed = JSONValue.object([
        "zero": .integer(0), "least": .integer(.min), "greatest": .integer(.max),
        "third": .number(1.0 / 3), "sum": .number(0.1 + 0.2), "tiny": .number(.leastNonzeroMagnitude),
        "huge": .number(-1.7976931348623157e308), "rate": .number(1e-5),
        "on": .boolean(true), "off": .boolean(false), "nothing": .null,
        "word": .string("none"), "yes": .string("yes"), "empty": .string(""),
        "lookalikes": .array(["1", "1.5", "1e5", "true", "null", "~", ".inf"].map { .string($0) }),
        "text": .string("a: b # c, [d] 'e' \"f\"\nsecond line\ttab ü 语"),
        "layers": .array([.array([.integer(512), .integer(10), .integer(5)]), .array([])]),
        "inner": .object(["deep": .object(["x": .number(2.5)])]),
    ])

    @Test func yamlGivesBackEveryValueAndTheOrderOfKeys() throws {
        #expect(try read(Self.mixed.yaml()) == Self.mixed)
        let whole = JSONValue.object(["two": .number(2), "int": .integer(2)])
        #expect(try whole.yaml() == "two: 2.0\nint: 2\n")
        #expect(try read(whole.yaml()) == whole)
    }

    @Test func jsonGivesBackEveryValue() throws {
        let json = try Self.mixed.json()
        let back = try ConfigurationSource(json: json, name: "checkpoint").tree
        for key in Self.mixed.leaves { #expect(back[key] == Self.mixed[key], "\(key)") }
        #expect(back.leaves.count == Self.mixed.leaves.count)
        #expect(try back.json() == json)
        #expect(!json.contains("\n"))
        let text = #"{"b": [true, 1, 1.5, null, "x"], "a": {"c": 1e-5}}"#
        let direct = try ConfigurationSource(json: text, name: "checkpoint").tree
        #expect(direct["a.c"] == .number(1e-5))
        #expect(direct["b"] == .array([.boolean(true), .integer(1), .number(1.5), .null, .string("x")]))
    }

    @Test func randomNumbersAreExactInBothForms() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            let tree = JSONValue.object(["x": .number(value)])
            #expect(try read(tree.yaml()) == tree)
            switch try ConfigurationSource(json: tree.json(), name: "").tree["x"] {
            case .number(let back): #expect(back == value)
            case .integer(let back): #expect(Double(back) == value)
            case let other: Issue.record("\(value) became \(String(describing: other))")
            }
        }
    }

    @Test(arguments: [
        ("1e-5", JSONValue.number(1e-5)), ("-.5", .number(-0.5)), ("+7", .integer(7)), ("1.", .number(1)),
        ("007", .integer(7)), ("99999999999999999999", .number(1e20)), ("0x10", .string("0x10")),
        ("nan", .string("nan")), ("infinity", .string("infinity")), ("yes", .string("yes")),
        ("'1'", .string("1")),
        ("\"true\"", .string("true")), ("!!str 5", .string("5")), ("", .null), ("~", .null),
        ("-", .array([.null])),
        ("1-2", .string("1-2")), ("e", .string("e")),
        ("[1, [2.0, x]]", .array([.integer(1), .array([.number(2), .string("x")])])),
    ])
    func scalarsFollowTheCoreSchema(text: String, value: JSONValue) throws {
        #expect(try ConfigurationSource(setting: "a.b=\(text)").tree["a.b"] == value)
    }

    @Test func mergingReplacesValuesAndKeepsTheRest() throws {
        var tree = try read("{a: {x: 1, y: [1, 2]}, b: 2, c: {z: 3}}")
        tree.merge(try read("{a: {y: [3]}, c: , d: {new: 4}}"))
        #expect(tree == (try read("{a: {x: 1, y: [3]}, b: 2, c: {z: 3}, d: {new: 4}}")))
        tree.merge(try read("a: 5"))
        #expect(tree["a"] == .integer(5))
        #expect(tree.leaves == ["a", "b", "c.z", "d.new"])
        #expect(tree.sections == ["c", "d"])
        #expect(tree["c.z.more"] == nil && tree["e"] == nil)
    }

    @Test func dottedKeysAndSectionsMean() throws {
        #expect(try read("a.x: 1\na:\n  y: 2\n  b.c: 3") == read("{a: {x: 1, y: 2, b: {c: 3}}}"))
    }

    @Test func anchorsAreFollowed() throws {
        #expect(try read("a: &l [1, 2]\nb: *l") == read("{a: [1, 2], b: [1, 2]}"))
    }

    @Test(arguments: [
        ("a: 1\nb: [1, 2\nc: 3", "run.yaml:3: not valid YAML: "),
        ("a: 1\nb: \"x", "run.yaml:2: not valid YAML: "),
        ("a: 1\n\tb: 2", "run.yaml:2: not valid YAML: "),
        ("a: *nowhere", "run.yaml:1: not valid YAML: found undefined alias"),
        ("a: 1\nb: 1\na: 2", "run.yaml:1: the key a is given twice"),
        ("a: 1\n---\nb: 1", "run.yaml:2: not valid YAML: but found another document"),
        ("x: 1\n[1, 2]: 3", "run.yaml:2: a key must be a word"),
        ("- 1\n- 2", "run.yaml: a configuration is made of keys"),
        ("just words", "run.yaml: a configuration is made of keys"),
        ("a: 1\n\u{1}", "run.yaml:2: not valid YAML: control characters are not allowed"),
        ("a: \(String(repeating: "k", count: 300)).b: 1", "run.yaml:1: not valid YAML"),
        ("\(String(repeating: "k", count: 300)): 1", "run.yaml:1: a key must be a word"),
    ])
    func brokenYAMLIsNamedByFileAndLine(yaml: String, expected: String) {
        let text = message(of: yaml)
        #expect(text.hasPrefix(expected), "\(text)")
        #expect(!text.contains("\n"), "one line: \(text)")
    }

    @Test func hostileNestingIsRefused() {
        let deep = 100_000
        #expect(message(of: "a: " + String(repeating: "[", count: deep)).hasPrefix("run.yaml:1: "))
        #expect(
            message(of: "a: " + String(repeating: "[", count: 500) + String(repeating: "]", count: 500))
                .hasPrefix("run.yaml:1: nested too deeply"))
        #expect(message(of: String(repeating: "- ", count: deep)).hasPrefix("run.yaml:1: "))
        #expect(message(of: String(repeating: "a: {", count: deep)).hasPrefix("run.yaml:1: "))
        let laughs = (1..<40).map { "l\($0): &l\($0) [*l\($0 - 1), *l\($0 - 1), *l\($0 - 1)]" }
        #expect(
            message(of: (["l0: &l0 [ha]"] + laughs).joined(separator: "\n")).contains("too many values"))
        #expect(
            message(of: String(repeating: "a.", count: 100_000)).contains("a configuration is made of keys"))
        #expect(throws: ConfigurationError.self) {
            try ConfigurationSource(setting: String(repeating: "a.", count: 100_000) + "b=1")
        }
        let nestedJSON = String(repeating: "[", count: deep) + String(repeating: "]", count: deep)
        #expect(throws: ConfigurationError.self) { try ConfigurationSource(json: nestedJSON, name: "c") }
    }
}

@Suite struct ConfigurationCodingTests {
    /// The tree of a configuration with one value changed to another valid one.
    private func changed(_ value: JSONValue, at key: String) throws -> JSONValue {
        switch value {
        case .boolean(let value): return .boolean(!value)
        case .integer(let value): return .integer(value + 1)
        case .number(let value): return .number(value * 0.5 + 0.1)
        case .array: return .array([.array([.integer(3), .integer(2), .integer(1)])])
        case .string:
            let other = [
                "activation": "relu", "quantizer.kind": "kmeans", "quantizer.temperature.schedule": "linear",
                "prediction.project_features": "new", "schedule.decay": "polynomial",
                "quantizer.position": "aggregator", "training.precision": "bf16",
            ]
            return .string(try #require(other[key], "name another case of \(key) here"))
        case .null, .object: throw ConfigurationError.value(key: key, problem: "is no value")
        }
    }

    @Test func everyPropertyHasAKeyAndComesBack() throws {
        let full = JSONValue(reflecting: RunConfiguration())
        #expect(full.leaves.count == 75)
        for key in full.leaves {
            #expect(key.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" || $0 == "." }, "\(key)")
            let value = try changed(try #require(full[key]), at: key)
            var tree = full
            tree.merge(JSONValue(path: key, value: value))
            let back = JSONValue(reflecting: try tree.decode(like: RunConfiguration()))
            #expect(back == tree && back != full, "\(key)")
        }
    }

    @Test func keysAreSnakeCaseInTheOrderOfDeclaration() throws {
        let full = JSONValue(reflecting: RunConfiguration())
        #expect(
            full.sections == [
                "encoder", "quantizer", "quantizer.temperature", "aggregator", "prediction", "loss",
                "optimizer",
                "schedule", "data", "augmentation", "codebook", "training",
            ])
        #expect(
            full.leaves.filter { $0.hasPrefix("optimizer") } == [
                "optimizer.beta1", "optimizer.beta2", "optimizer.epsilon", "optimizer.weight_decay",
                "optimizer.clip_norm", "optimizer.average_decay",
            ])
        #expect(full["prediction.infonce"] == .boolean(false))
        #expect(full["schedule.warmup_initial_learning_rate"] == .number(1e-7))
        #expect(full["quantizer.temperature.linear_fraction"] == .number(0.7))
        #expect(full["encoder.layers"]?.inYAML.hasPrefix("[[512, 10, 5], [512, 8, 4], ") == true)
    }
}
