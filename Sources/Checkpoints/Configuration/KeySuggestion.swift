/// The valid keys that someone who wrote an unknown one may have meant.
enum KeySuggestion {
    /// Best first, at most three: keys whose last part is the one that was written (`kind` for
    /// `quantizer.kind`); without such, the one that differs in the fewest letters, if it is near at all.
    static func keys(for unknown: String, among valid: [String]) -> [String] {
        // Of nothing that long a key is a misspelling, and comparing it would take its time.
        guard unknown.utf8.count <= 200 else { return [] }
        let leaf = normalized(lastPart(of: unknown))
        let sameLeaf = valid.filter { normalized(lastPart(of: $0)) == leaf }
        guard sameLeaf.isEmpty else {
            return Array(ranked(sameLeaf) { distance($0, unknown) }.prefix(3))
        }
        let nearest = ranked(valid) { key in
            // A misspelt last part alone is as good a match as a misspelt whole.
            min(distance(key, unknown), distance(lastPart(of: key), unknown))
        }.first
        guard let nearest else { return [] }
        let letters = min(distance(nearest, unknown), distance(lastPart(of: nearest), unknown))
        return letters <= max(2, unknown.count / 4) ? [nearest] : []
    }

    /// Levenshtein's edit distance, where case and the marks between words do not count.
    static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(normalized(first)), Array(normalized(second)))
        var row = Array(0...second.count)
        for (i, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in second.enumerated() {
                let substituted = diagonal + (letter == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return row[second.count]
    }

    private static func normalized(_ key: String) -> String {
        key.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    private static func lastPart(of key: String) -> String {
        String(key.split(separator: ".").last ?? "")
    }

    /// In the order of the measure, ties in the order given.
    private static func ranked(_ keys: [String], by measure: (String) -> Int) -> [String] {
        keys.enumerated()
            .map { (measure: measure($0.element), index: $0.offset, key: $0.element) }
            .sorted { ($0.measure, $0.index) < ($1.measure, $1.index) }
            .map(\.key)
    }
}
