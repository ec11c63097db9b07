import Foundation
import Layers
import TensorFiles
import VQWav2Vec

/// Some values of a configuration, and where each of them was written.
package struct ConfigurationSource {
    package var tree: JSONValue
    /// The file, or the argument.
    let name: String
    /// Line of each key in the file.
    var lines: [String: Int] = [:]

    /// Files above this size are something else than a configuration.
    private static let largestFile = 1 << 18

    /// - Throws: `ConfigurationError` that names the file and the line.
    package init(yaml text: String, name: String) throws {
        var reader = YAMLReader(name: name)
        tree = try reader.read(text)
        if tree == .null { tree = .object(JSONObject()) }
        self.name = name
        lines = reader.lines
        try requireMapping()
    }

    /// - Throws: `ConfigurationError` that names the text.
    package init(json text: String, name: String) throws {
        do {
            tree = try JSONValue(parsing: text)
        } catch {
            throw ConfigurationError.located(
                name, .unreadable(problem: "the configuration is not valid JSON: \(error)"))
        }
        self.name = name
        try requireMapping()
    }

    private func requireMapping() throws {
        guard case .object = tree else {
            throw ConfigurationError.located(
                name,
                .unreadable(problem: "a configuration is made of keys, such as `quantizer: {kind: kmeans}`"))
        }
    }

    /// - Throws: `ConfigurationError` that names the file, and the line where one is to blame.
    package init(file: URL) throws {
        let name = file.relativePath
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder) else {
            throw ConfigurationError.located(name, .unreadable(problem: "no such configuration file"))
        }
        guard !isFolder.boolValue else {
            throw ConfigurationError.located(
                name, .unreadable(problem: "a folder, where a YAML file is expected"))
        }
        let data: Data
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            data = try handle.read(upToCount: Self.largestFile + 1) ?? Data()
        } catch {
            throw ConfigurationError.located(
                name, .unreadable(problem: "cannot be read; check its permissions"))
        }
        guard data.count <= Self.largestFile, let text = String(data: data, encoding: .utf8) else {
            throw ConfigurationError.located(
                name, .unreadable(problem: "not a configuration (YAML, UTF-8, up to 256 KiB)"))
        }
        try self.init(yaml: text, name: name)
    }

    /// One `KEY=VALUE` of `--set`, the value in YAML.
    /// - Throws: `ConfigurationError` that names the argument.
    package init(setting text: String) throws {
        name = "--set \(text)"
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let key = parts[0].trimmingCharacters(in: .whitespaces)
        guard parts.count == 2, JSONValue.isKey(key) else {
            throw ConfigurationError.located(
                name, .unreadable(problem: "expected KEY=VALUE, such as quantizer.kind=kmeans"))
        }
        var reader = YAMLReader(name: name)
        tree = JSONValue(path: key, value: try reader.read(String(parts[1])))
    }

    /// Whether this source gives the value at a dotted key, or one that it stands in.
    func defines(_ path: String) -> Bool {
        var tree = tree
        for key in path.prefix(while: { $0 != "[" }).split(separator: ".") {
            guard case .object(let members) = tree else { return true }
            guard let value = members[String(key)] else { return false }
            tree = value
        }
        return true
    }

    /// The file and line, or the argument, that gives the value at a dotted key.
    func location(of path: String) -> String {
        var key = String(path.prefix { $0 != "[" })
        while true {
            if let line = lines[key] { return "\(name):\(line)" }
            guard let dot = key.lastIndex(of: ".") else { return name }
            key = String(key[..<dot])
        }
    }
}
