import Foundation
import Testing
import Training
import VQWav2Vec

private func read(_ yaml: String) throws -> ConfigurationTree {
    try ConfigurationLayer(yaml: yaml, name: "run.yaml").tree
}

private func message(of yaml: String) -> String {
    do {
        return "no error, but \(try read(yaml))"
    } catch {
        return "\(error)"
    }
}

@Suite struct ConfigurationTreeTests {
    static let mixed = ConfigurationTree.mapping([
        .init("zero", .int(0)), .init("least", .int(.min)), .init("greatest", .int(.max)),
        .init("third", .double(1.0 / 3)), .init("sum", .double(0.1 + 0.2)),
        .init("tiny", .double(.leastNonzeroMagnitude)),
        .init("huge", .double(-1.7976931348623157e308)), .init("rate", .double(1e-5)),
        .init("on", .bool(true)), .init("off", .bool(false)), .init("nothing", .null),
        .init("word", .string("none")), .init("yes", .string("yes")), .init("empty", .string("")),
        .init(
            "lookalikes",
            .list(["1", "1.5", "1e5", "true", "null", "~", ".inf"].map { ConfigurationTree.string($0) })),
        .init("text", .string("a: b # c, [d] 'e' \"f\"\nsecond line\ttab ü 语")),
        .init("layers", .list([.list([.int(512), .int(10), .int(5)]), .list([])])),
        .init("inner", .mapping([.init("deep", .mapping([.init("x", .double(2.5))]))])),
    ])

    @Test func yamlGivesBackEveryValueAndTheOrderOfKeys() throws {
        #expect(try read(Self.mixed.yaml()) == Self.mixed)
        let whole = ConfigurationTree.mapping([.init("two", .double(2)), .init("int", .int(2))])
        #expect(try whole.yaml() == "two: 2.0\nint: 2\n")
        #expect(try read(whole.yaml()) == whole)
    }

    @Test func jsonGivesBackEveryValue() throws {
        let json = try Self.mixed.json()
        let back = try ConfigurationLayer(json: json, name: "checkpoint").tree
        for key in Self.mixed.leaves { #expect(back[key] == Self.mixed[key], "\(key)") }
        #expect(back.leaves.count == Self.mixed.leaves.count)
        #expect(try back.json() == json)
        #expect(!json.contains("\n"))
        let direct = try ConfigurationTree(
            json: #"{"b": [true, 1, 1.5, null, "x"], "a": {"c": 1e-5}}"#, name: "checkpoint")
        #expect(direct["a.c"] == .double(1e-5))
        #expect(direct["b"] == .list([.bool(true), .int(1), .double(1.5), .null, .string("x")]))
    }

    @Test func randomNumbersAreExactInBothForms() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let value = Double(bitPattern: generator.next())
            guard value.isFinite else { continue }
            let tree = ConfigurationTree.mapping([.init("x", .double(value))])
            #expect(try read(tree.yaml()) == tree)
            switch try ConfigurationLayer(json: tree.json(), name: "").tree["x"] {
            case .double(let back): #expect(back == value)
            case .int(let back): #expect(Double(back) == value)
            case let other: Issue.record("\(value) became \(String(describing: other))")
            }
        }
    }

    @Test(arguments: [
        ("1e-5", ConfigurationTree.double(1e-5)), ("-.5", .double(-0.5)), ("+7", .int(7)), ("1.", .double(1)),
        ("007", .int(7)), ("99999999999999999999", .double(1e20)), ("0x10", .string("0x10")),
        ("nan", .string("nan")), ("infinity", .string("infinity")), ("yes", .string("yes")),
        ("'1'", .string("1")),
        ("\"true\"", .string("true")), ("!!str 5", .string("5")), ("", .null), ("~", .null),
        ("-", .list([.null])),
        ("1-2", .string("1-2")), ("e", .string("e")),
        ("[1, [2.0, x]]", .list([.int(1), .list([.double(2), .string("x")])])),
    ])
    func scalarsFollowTheCoreSchema(text: String, value: ConfigurationTree) throws {
        #expect(try ConfigurationLayer(setting: "a.b=\(text)").tree["a.b"] == value)
    }

    @Test func mergingReplacesValuesAndKeepsTheRest() throws {
        var tree = try read("{a: {x: 1, y: [1, 2]}, b: 2, c: {z: 3}}")
        tree.merge(try read("{a: {y: [3]}, c: , d: {new: 4}}"))
        #expect(tree == (try read("{a: {x: 1, y: [3]}, b: 2, c: {z: 3}, d: {new: 4}}")))
        tree.merge(try read("a: 5"))
        #expect(tree["a"] == .int(5))
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
            try ConfigurationLayer(setting: String(repeating: "a.", count: 100_000) + "b=1")
        }
        let nestedJSON = String(repeating: "[", count: deep) + String(repeating: "]", count: deep)
        #expect(throws: ConfigurationError.self) { try ConfigurationLayer(json: nestedJSON, name: "c") }
    }
}

@Suite struct ConfigurationCodingTests {
    /// The tree of a configuration with one value changed to another valid one.
    private func changed(_ value: ConfigurationTree, at key: String) throws -> ConfigurationTree {
        switch value {
        case .bool(let value): return .bool(!value)
        case .int(let value): return .int(value + 1)
        case .double(let value): return .double(value * 0.5 + 0.1)
        case .list: return .list([.list([.int(3), .int(2), .int(1)])])
        case .string:
            let other = [
                "activation": "relu", "quantizer.kind": "kmeans", "quantizer.temperature.schedule": "linear",
                "prediction.project_features": "new",
            ]
            return .string(try #require(other[key], "name another case of \(key) here"))
        case .null, .mapping: throw ConfigurationError("\(key) is no value")
        }
    }

    @Test func everyPropertyHasAKeyAndComesBack() throws {
        let full = try ConfigurationTree(encoding: RunConfiguration())
        #expect(full.leaves.count == 63)
        for key in full.leaves {
            #expect(key.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" || $0 == "." }, "\(key)")
            let value = try changed(try #require(full[key]), at: key)
            var tree = full
            tree.merge(ConfigurationTree(path: key, value: value))
            let back = try ConfigurationTree(encoding: tree.decode(RunConfiguration.self))
            #expect(back == tree && back != full, "\(key)")
        }
    }

    @Test func keysAreSnakeCaseInTheOrderOfDeclaration() throws {
        let full = try ConfigurationTree(encoding: RunConfiguration())
        #expect(
            full.sections == [
                "encoder", "quantizer", "quantizer.temperature", "aggregator", "prediction", "loss",
                "optimizer",
                "schedule", "data", "codebook", "training",
            ])
        #expect(
            full.leaves.filter { $0.hasPrefix("optimizer") } == [
                "optimizer.beta1", "optimizer.beta2", "optimizer.epsilon", "optimizer.weight_decay",
                "optimizer.clip_norm",
            ])
        #expect(full["prediction.infonce"] == .bool(false))
        #expect(full["schedule.warmup_initial_learning_rate"] == .double(1e-7))
        #expect(full["quantizer.temperature.linear_fraction"] == .double(0.7))
        #expect(full["encoder.layers"]?.description.hasPrefix("[[512, 10, 5], [512, 8, 4], ") == true)
    }
}
