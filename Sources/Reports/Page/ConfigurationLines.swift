/// The settings of a configuration as `vqw2v train` writes it: YAML of nested mappings.
enum ConfigurationLines {
    /// Each setting by its path, `model.quantizer.kind`, in the order of the text. A list counts as one value.
    static func settings(of yaml: String) -> [(key: String, value: String)] {
        var settings: [(key: String, value: String)] = []
        var path: [(indent: Int, key: String)] = []
        for line in yaml.split(separator: "\n") {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            if text.hasPrefix("#") { continue }
            guard !text.hasPrefix("-"), let colon = text.firstIndex(of: ":") else {
                // An item of the list that began before.
                if !settings.isEmpty { settings[settings.count - 1].value += " " + text }
                continue
            }
            path.removeAll { $0.indent >= indent }
            path.append((indent, String(text[..<colon])))
            let value = text[text.index(after: colon)...].drop { $0 == " " }
            settings.append((path.map(\.key).joined(separator: "."), String(value)))
        }
        return settings.filter { !$0.value.isEmpty }
    }
}
