import Files
import TensorFiles

/// What `log.jsonl` of a run says, by kind of line.
public struct RunLog: Sendable {
    public let path: String
    /// In the order of the file; every one has `update`.
    private let lines: [(kind: String, update: Int, values: JSONObject)]

    /// - Throws: `FileError`, or `ReportError` that names the line. A last line that was cut off is left out.
    public init(path: String) throws {
        self.path = path
        let bytes = try InputFile(path: path).bytes()
        var lines: [(kind: String, update: Int, values: JSONObject)] = []
        let pieces = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() where !piece.isEmpty {
            let value = try? Array(piece).withUnsafeBytes { try JSONValue(parsing: $0) }
            guard case .object(let object)? = value, case .string(let kind)? = object["type"],
                case .integer(let update)? = object["update"]
            else {
                if index == pieces.count - 1 { break }
                throw ReportError.notALogLine(path: path, line: index + 1)
            }
            lines.append((kind, update, object))
        }
        guard lines.contains(where: { $0.kind == "train" || $0.kind == "validation" }) else {
            throw ReportError.emptyLog(path: path)
        }
        self.lines = lines
    }

    /// The number under a key over the updates. Lines without it, or where it is not finite, are left out.
    /// - Parameter kind: `train` or `validation`.
    public func points(_ key: String, _ kind: String) -> [(x: Double, y: Double)] {
        lines.compactMap { line in
            guard line.kind == kind, let number = line.values[key].flatMap(\.finiteNumber) else { return nil }
            return (Double(line.update), number)
        }
    }

    /// The list under a key in the last line that has one; what is not finite is not a number.
    public func lastList(_ key: String, _ kind: String) -> [Double] {
        let line = lines.last { $0.kind == kind && $0.values[key] != nil }
        guard case .array(let items)? = line?.values[key] else { return [] }
        return items.map { $0.finiteNumber ?? .nan }
    }

    /// The lists under a key over the updates, each item a line of its own.
    public func listPoints(_ key: String, _ kind: String) -> [[(x: Double, y: Double)]] {
        var result: [[(x: Double, y: Double)]] = []
        for line in lines where line.kind == kind {
            guard case .array(let items)? = line.values[key] else { continue }
            for (index, item) in items.enumerated() {
                if index == result.count { result.append([]) }
                if let number = item.finiteNumber { result[index].append((Double(line.update), number)) }
            }
        }
        return result
    }

    /// `accuracy` of the line, or the mean over `accuracy_per_step`.
    public func accuracies(_ kind: String) -> [(x: Double, y: Double)] {
        let direct = points("accuracy", kind)
        guard direct.isEmpty else { return direct }
        return lines.compactMap { line in
            guard line.kind == kind, case .array(let items)? = line.values["accuracy_per_step"] else {
                return nil
            }
            let known = items.compactMap(\.finiteNumber)
            return known.isEmpty ? nil : (Double(line.update), known.reduce(0, +) / Double(known.count))
        }
    }

    /// The number under a key in the last line of any kind that has one.
    public func last(_ key: String) -> Double? {
        lines.last { $0.values[key]?.finiteNumber != nil }?.values[key]?.finiteNumber
    }

    /// Updates done by the last line.
    public var updates: Int { lines.map(\.update).max() ?? 0 }

    /// On what the run was last begun or resumed; empty in logs of programs that did not say.
    public var environment: [(label: String, value: String)] {
        guard let line = lines.last(where: { $0.kind == "environment" }) else { return [] }
        return [
            ("processor", "processor"), ("instructions", "instructions"), ("threads", "threads"),
            ("processes", "processes"), ("operating system", "operating_system"),
        ].compactMap { label, key in
            switch line.values[key] {
            case .string(let text): (label, text)
            case .integer(let number): (label, "\(number)")
            default: nil
            }
        }
    }

    public var warnings: [(update: Int, message: String)] {
        lines.compactMap { line in
            guard line.kind == "warning", case .string(let message)? = line.values["message"] else {
                return nil
            }
            return (line.update, message)
        }
    }
}
