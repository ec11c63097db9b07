/// The longest line of a message, in Unicode scalars: some less than 300, whose ellipses are three bytes each.
private let longestMessage = 290

/// A message as one line that terminals and logs can hold.
///
/// Line ends and other control characters, which file names may have, are written out (`\n`, `\u{1B}`). A line of
/// more than 290 characters is cut in the middle: first its longest words, which are paths, each so that the name at
/// its end stays; then the line.
package func messageLine(_ text: String) -> String {
    let scalars = text.unicodeScalars.flatMap { scalar in
        breaksLines(scalar) ? Array(scalar.escaped(asASCII: true).unicodeScalars) : [scalar]
    }
    guard scalars.count > longestMessage else { return string(scalars) }
    let words = scalars.split(separator: " ", omittingEmptySubsequences: false)
    func length(_ longestWord: Int) -> Int {
        words.reduce(words.count - 1) { $0 + min($1.count, longestWord) }
    }
    // A shorter word says little.
    let longestWord = (60...longestMessage).last { length($0) <= longestMessage } ?? 60
    let line = Array(words.map { shortened($0, to: longestWord) }.joined(separator: [" "]))
    return string(shortened(line[...], to: longestMessage))
}

private func string(_ scalars: [Unicode.Scalar]) -> String { String(String.UnicodeScalarView(scalars)) }

/// At most `count` scalars, two thirds of them from the end: a file's name ends its path, a remedy its message.
private func shortened(_ scalars: ArraySlice<Unicode.Scalar>, to count: Int) -> [Unicode.Scalar] {
    guard scalars.count > count else { return Array(scalars) }
    let first = (count - 1) / 3
    return scalars.prefix(first) + ["…"] + scalars.suffix(count - 1 - first)
}

private func breaksLines(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}
