/// A report as one page of HTML that needs nothing else: style, script, pictures and sounds are in it.
public struct ReportPage: Sendable {
    private let program: String
    private let runs: [RunReport]
    private let units: [UnitsReport]
    private let evaluations: [EvaluationReport]

    /// - Parameter program: that made it, with its version.
    public init(
        program: String, runs: [RunReport], units: [UnitsReport], evaluations: [EvaluationReport] = []
    ) {
        (self.program, self.runs) = (program, runs)
        (self.units, self.evaluations) = (units, evaluations)
    }

    /// The page. The same for the same inputs.
    public var html: String {
        let title = (runs.map(\.name) + units.map(\.name) + evaluations.map(\.path)).joined(separator: ", ")
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            script-src 'unsafe-inline'; img-src data:; media-src data:">
            <link rel="icon" href="data:,">
            <title>\(SVG.escaped(title))</title>
            <style>
            \(PageStyle.css)
            </style>
            </head>
            <body>
            <header><h1>\(SVG.escaped(title))</h1>
            <nav aria-label="Parts">\(links)</nav></header>
            <main>
            \(runsSection)\(unitsSection)\(evaluationSection)\(configurationSection)</main>
            <footer><p class="note">Made by \(SVG.escaped(program)).</p></footer>
            <script>
            \(PageScript.javaScript)
            </script>
            </body>
            </html>

            """
    }

    private var links: String {
        [
            ("runs", "Training", !runs.isEmpty), ("units", "Units", !units.isEmpty),
            ("evaluation", "Evaluation", !evaluations.isEmpty),
            ("configuration", "Configuration", !runs.isEmpty),
        ]
        .filter(\.2).map { "<a href=\"#\($0.0)\">\($0.1)</a>" }.joined()
    }

    private func section(_ id: String, _ title: String, _ content: String) -> String {
        "<section id=\"\(id)\"><h2>\(title)</h2>\n\(content)</section>\n"
    }

    private var runsSection: String {
        guard !runs.isEmpty else { return "" }
        let warnings = runs.flatMap { run in
            run.log.warnings.map {
                "<li>\(SVG.escaped("\(run.name), update \($0.update): \($0.message)"))</li>"
            }
        }
        let list = warnings.isEmpty ? "" : "<h3>Warnings</h3><ul>\(warnings.joined())</ul>\n"
        return section(
            "runs", "Training",
            Self.table(names: runs.map(\.name), columns: runs.map(\.summary)) + list
                + "<div class=\"figures\">\n"
                + RunFigures(runs).figures.map(\.html).joined() + "</div>\n")
    }

    private var unitsSection: String {
        guard !units.isEmpty else { return "" }
        return section(
            "units", "Units",
            Self.table(names: units.map(\.name), columns: units.map(\.summary))
                + "<p class=\"note\">PNMI and purity grow with the number of units: compare like with like.</p>\n"
                + "<div class=\"figures\">\n" + units.flatMap(\.figures).map(\.html).joined() + "</div>\n")
    }

    private var evaluationSection: String {
        guard !evaluations.isEmpty else { return "" }
        let parts = evaluations.map { evaluation in
            "<h3>\(SVG.escaped(evaluation.path))</h3>\n"
                + Self.table(names: evaluation.names, columns: evaluation.columns)
                + "<div class=\"figures\">\n" + evaluation.figures.map(\.html).joined() + "</div>\n"
        }
        return section("evaluation", "Evaluation", parts.joined())
    }

    private var configurationSection: String {
        let parts = runs.compactMap { run in
            run.configuration.map {
                "<details\(runs.count == 1 ? " open" : "")><summary>\(SVG.escaped(run.name))</summary>"
                    + "<pre tabindex=\"0\">\(SVG.escaped($0))</pre></details>\n"
            }
        }
        return parts.isEmpty ? "" : section("configuration", "Configuration", differences + parts.joined())
    }

    /// The settings in which runs differ.
    private var differences: String {
        let settings = runs.map { ConfigurationLines.settings(of: $0.configuration ?? "") }
        guard settings.count > 1, let first = settings.first else { return "" }
        var keys = first.map(\.key)
        for key in settings.dropFirst().flatMap({ $0.map(\.key) }) where !keys.contains(key) {
            keys.append(key)
        }
        let values = settings.map { Dictionary($0, uniquingKeysWith: { $1 }) }
        let different = keys.filter { key in Set(values.map { $0[key] ?? "–" }).count > 1 }
        guard !different.isEmpty else { return "<p class=\"note\">The runs have the same settings.</p>\n" }
        return Self.table(
            names: runs.map(\.name),
            columns: values.map { values in different.map { ($0, values[$0] ?? "–") } })
    }

    /// A line for each label of any column; all that a column lacks is `–`.
    static func table(names: [String], columns: [[(label: String, value: String)]]) -> String {
        var labels: [String] = []
        for label in columns.flatMap({ $0.map(\.label) }) where !labels.contains(label) {
            labels.append(label)
        }
        let head = names.map { "<th scope=\"col\">\(SVG.escaped($0))</th>" }.joined()
        let rows = labels.map { label in
            let cells = columns.map { column in
                "<td>\(SVG.escaped(column.first { $0.label == label }?.value ?? "–"))</td>"
            }
            return "<tr><th scope=\"row\">\(SVG.escaped(label))</th>\(cells.joined())</tr>\n"
        }
        return "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><td></td>\(head)</tr></thead>\n<tbody>"
            + rows.joined() + "</tbody></table></div>\n"
    }
}

/// The settings of a configuration as `vqw2v train` writes it: YAML of nested mappings.
package enum ConfigurationLines {
    /// Each setting by its path, `model.quantizer.kind`, in the order of the text. A list counts as one value.
    package static func settings(of yaml: String) -> [(key: String, value: String)] {
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
