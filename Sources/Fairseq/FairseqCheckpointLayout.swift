import Files
import TensorFiles

/// Where a checkpoint's weights and configuration lie: the one place that knows the keys of fairseq and s3prl.
///
/// Errors are `FairseqCheckpointProblem`: they come without the name of the file.
package struct FairseqCheckpointLayout {
    package let style: FairseqCheckpoint.Style
    /// Names of the model's tensors, as they are in the file.
    package let names: [String]
    /// fairseq's name of the kind of model; nil where the file does not say.
    package let architecture: String?
    /// Whether it is a model of wav2vec 2.0 with a head that was trained for a task (fairseq's `wav2vec_ctc` and others).
    private let isFineTuned: Bool
    private let document: PickleDocument
    /// The configuration of the model, or everything flat in a namespace.
    private let model: JSONObject
    /// All parts of the configuration, for interpolations.
    private let root: JSONValue
    private let task: JSONObject
    private let criterion: JSONObject
    private let state: PickleValue

    package init(_ document: PickleDocument) throws {
        self.document = document
        guard document.entries(document.root) != nil else {
            throw FairseqCheckpointProblem.noDictionary
        }
        func part(_ key: String) -> PickleValue? {
            document.value(key, in: document.root).flatMap { $0 == .none ? nil : $0 }
        }
        func json(_ value: PickleValue?) throws -> JSONValue {
            do {
                return try value.map { try document.json($0) } ?? .null
            } catch let error as PickleError {
                throw FairseqCheckpointProblem.pickle("\(error)")
            }
        }
        // Files written here hold the keys of both.
        var root: JSONValue
        if part("model") == nil, let weights = part("model_weight") {
            (style, state) = (.s3prl, weights)
            root = .object(["model": try json(part("model_cfg")), "task": try json(part("task_cfg"))])
        } else if let weights = part("model") {
            state = weights
            style = part("args") == nil ? .cfg : .args
            root = try json(part("args") ?? part("cfg"))
        } else {
            // Weights alone, or of another program.
            (style, state, root) = (.cfg, part("state_dict") ?? document.root, .null)
        }
        let own = Self.sections(of: root, isFlat: style == .args).model
        isFineTuned = own["w2v_path"] != nil
        // What fine-tuning began with, which is the model but for its head.
        if let beginning = own["w2v_args"], beginning != .null { root = beginning }
        self.root = root
        (model, task, criterion) = Self.sections(
            of: root, isFlat: root.fields["model"]?.fields.isEmpty ?? true)
        names = Self.names(state, in: document)
        architecture = Self.name(of: model) ?? Self.name(of: own)
    }

    /// - Parameter isFlat: whether all fields lie side by side, as in a namespace.
    private static func sections(
        of root: JSONValue, isFlat: Bool
    ) -> (model: JSONObject, task: JSONObject, criterion: JSONObject) {
        isFlat
            ? (root.fields, root.fields, root.fields)
            : (root["model"].fields, root["task"].fields, root["criterion"].fields)
    }

    private static func name(of model: JSONObject) -> String? {
        if case .string(let name)? = model["arch"] ?? model["_name"] { name } else { nil }
    }

    private static func names(_ state: PickleValue, in document: PickleDocument) -> [String] {
        var seen: Set<String> = []
        return (document.entries(state) ?? []).compactMap { key, _ in
            guard case .text(let name) = key, seen.insert(name).inserted else { return nil }
            return name
        }
    }

    /// The fields of the model. One that refers to another (`${criterion.infonce}`) has its value, or is left out.
    package func fields() throws -> JSONObject {
        guard !model.isEmpty else {
            throw FairseqCheckpointProblem.noConfiguration
        }
        guard !isFineTuned || model["w2v_path"] == nil else {
            throw FairseqCheckpointProblem.noBeginning
        }
        return model.mapValues(resolve)
    }

    /// Those of the task, such as `normalize`.
    package func taskFields() -> JSONObject { task.mapValues(resolve) }

    /// Those of the criterion, such as `loss_weights`.
    package func criterionFields() -> JSONObject { criterion.mapValues(resolve) }

    private func resolve(_ value: JSONValue) -> JSONValue {
        var value = value
        // A reference may lead to another, but not for ever.
        for _ in 0..<8 {
            guard case .string(let text) = value, text.hasPrefix("${"), text.hasSuffix("}") else {
                return value
            }
            value = text.dropFirst(2).dropLast().split(separator: ".", omittingEmptySubsequences: false)
                .reduce(root) { $0[String($1)] }
        }
        return .null
    }

    /// - Throws: `FairseqCheckpointProblem` for a rate that no recording has.
    package func sampleRate() throws -> Int {
        switch resolve(task["sample_rate"] ?? .null) {
        case .null: return 16_000
        case .integer(let rate) where (1...1_000_000).contains(rate): return rate
        case let value: throw FairseqCheckpointProblem.sampleRate(value)
        }
    }

    /// `optimizer_history[-1].num_updates`.
    package var updates: Int? {
        guard let history = document.value("optimizer_history", in: document.root),
            let last = document.elements(history)?.last,
            let value = document.value("num_updates", in: last),
            case .integer(let updates)? = try? document.json(value)
        else { return nil }
        return updates
    }

    /// What `FairseqExport` left beside the model: by whom and from what the file was written.
    package var provenance: [String: String] {
        guard let extra = document.value("extra_state", in: document.root),
            let value = document.value("vqw2v", in: extra), let entries = document.entries(value)
        else { return [:] }
        return entries.reduce(into: [:]) { provenance, entry in
            if case (.text(let key), .text(let text)) = entry { provenance[key] = text }
        }
    }

    /// The tensors by name. A prefix that all have before the names of the model (`module.`) is taken away.
    /// - Throws: `FairseqCheckpointProblem` where two prefixes would fit.
    package func weights() throws -> (names: [String], values: [String: PickleValue]) {
        let prefix = try self.prefix()
        var (names, values) = ([String](), [String: PickleValue]())
        for (key, value) in document.entries(state) ?? [] {
            guard case .text(let full) = key, full.hasPrefix(prefix) else { continue }
            let name = String(full.dropFirst(prefix.count))
            if values.updateValue(value, forKey: name) == nil { names.append(name) }
        }
        return (names, values)
    }

    /// In every model, whatever its configuration.
    private static let landmark = "feature_extractor.conv_layers.0.0.weight"

    private func prefix() throws -> String {
        guard !names.contains(Self.landmark) else { return "" }
        let prefixes = names.filter { $0.hasSuffix("." + Self.landmark) }.map {
            $0.dropLast(Self.landmark.count)
        }
        guard prefixes.count <= 1 else {
            throw FairseqCheckpointProblem.severalModels(String(prefixes[0]), String(prefixes[1]))
        }
        return prefixes.first.map(String.init) ?? ""
    }
}

extension JSONValue {
    /// A field of an object; null where there is none.
    fileprivate subscript(_ name: String) -> JSONValue { fields[name] ?? .null }

    fileprivate var fields: JSONObject {
        if case .object(let fields) = self { fields } else { JSONObject() }
    }
}
