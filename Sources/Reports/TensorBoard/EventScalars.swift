import TensorFiles

/// The numbers in a line of a log, by name: `train/loss_bits`, `train/perplexity_per_group/1`.
public enum EventScalars {
    /// - Parameters:
    ///   - line: an object of `log.jsonl`.
    ///   - kind: what the names begin with.
    public static func values(of line: JSONObject, kind: String) -> [(tag: String, value: EventValue)] {
        line.filter { $0.key != "update" && $0.key != "type" }.flatMap { key, value in
            values(of: value, tag: "\(kind)/\(key)")
        }
    }

    /// Items of a list are numbered from 1, or called what they say that they are.
    private static func values(of value: JSONValue, tag: String) -> [(tag: String, value: EventValue)] {
        switch value {
        case .integer(let number): return [(tag, .scalar(Double(number)))]
        case .number(let number): return [(tag, .scalar(number))]
        case .boolean(let flag): return [(tag, .scalar(flag ? 1 : 0))]
        case .array(let items):
            return items.enumerated().flatMap { values(of: $1, tag: "\(tag)/\($0 + 1)") }
        case .object(let object):
            if case .string(let name)? = object["name"], let number = object["value"] {
                let group = tag.split(separator: "/").dropLast().joined(separator: "/")
                return values(of: number, tag: "\(group)/\(name)")
            }
            return object.flatMap { values(of: $0.value, tag: "\(tag)/\($0.key)") }
        case .null, .string: return []
        }
    }
}
