/// What one line of a token file looks like.
protocol TokenLineFormat {
    /// Whether line n has to belong to input n, so that an input without ids needs an empty line.
    var countsLines: Bool { get }

    /// - Throws: `TokenFormatError` for a path that would break the line.
    func check(path: String) throws

    /// Appends the line without its end.
    func append(_ utterance: TokenizedUtterance, to line: inout [UInt8])
}

extension TokenLineFormat {
    var countsLines: Bool { false }

    func check(path: String) throws {}
}

/// `path<TAB>3-17 3-17 250-4`.
struct TabbedLines: TokenLineFormat {
    func check(path: String) throws {
        let breaking = [UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        guard !path.utf8.contains(where: breaking.contains) else {
            throw TokenFormatError(
                "\(quoted(path)) contains a tab or a line end, which the format tsv cannot hold; use jsonl")
        }
    }

    func append(_ utterance: TokenizedUtterance, to line: inout [UInt8]) {
        line.append(contentsOf: utterance.path.utf8)
        line.append(UInt8(ascii: "\t"))
        line.append(dashed: utterance)
    }
}

/// `3-17 3-17 250-4`, what fairseq's `vq-wav2vec_featurize.py` writes to its `.src` files.
struct FairseqLines: TokenLineFormat {
    var countsLines: Bool { true }

    func append(_ utterance: TokenizedUtterance, to line: inout [UInt8]) { line.append(dashed: utterance) }
}

/// `{"path":"a.wav","samples":16000,"rate":16000,"frames":2,"ids":[[3,17],[250,4]]}`.
struct JSONLines: TokenLineFormat {
    func append(_ utterance: TokenizedUtterance, to line: inout [UInt8]) {
        line.append(contentsOf: "{\"path\":".utf8)
        line.append(json: utterance.path)
        let numbers = [
            ("samples", utterance.samples), ("rate", utterance.sampleRate), ("frames", utterance.frames),
        ]
        for (key, value) in numbers {
            line.append(contentsOf: ",\"\(key)\":".utf8)
            line.append(decimal: value)
        }
        line.append(contentsOf: ",\"ids\":[".utf8)
        line.append(
            utterance, within: UInt8(ascii: ","), between: Array("],[".utf8),
            around: (Array("[".utf8), Array("]".utf8)))
        line.append(contentsOf: "]}".utf8)
    }
}

extension [UInt8] {
    fileprivate mutating func append(dashed utterance: TokenizedUtterance) {
        append(utterance, within: UInt8(ascii: "-"), between: [UInt8(ascii: " ")], around: ([], []))
    }

    /// Appends all ids.
    /// - Parameters:
    ///   - separator: between the groups of a frame.
    ///   - between: between frames.
    ///   - around: before the first frame and after the last; left out when there is none.
    fileprivate mutating func append(
        _ utterance: TokenizedUtterance, within separator: UInt8, between: [UInt8],
        around: (before: [UInt8], after: [UInt8])
    ) {
        guard utterance.frames > 0 else { return }
        append(contentsOf: around.before)
        var group = 0
        for (index, id) in utterance.ids.enumerated() {
            if group == utterance.groups {
                append(contentsOf: between)
                group = 0
            } else if index > 0 {
                append(separator)
            }
            append(decimal: Int(id))
            group += 1
        }
        append(contentsOf: around.after)
    }
}
