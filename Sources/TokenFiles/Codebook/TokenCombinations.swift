import Files

/// The combinations of ids that occur in a token file, and how often.
public struct TokenCombinations: Equatable, Sendable {
    /// Ids of one frame, one per group.
    public private(set) var counts: [[Int32]: Int] = [:]

    /// Reads the lines of `vqw2v quantize --format tsv` or of fairseq's `.src`: frames between spaces, the ids
    /// of a frame between dashes, a path and a tab before them in tsv.
    /// - Parameters:
    ///   - groups: G, ids that a frame has to have.
    ///   - variables: V, above every id.
    /// - Throws: `FileError` where the file cannot be read or has none, and `TokenFormatError` that names the
    ///   line of what is not a frame of such ids.
    public init(path: String, groups: Int, variables: Int) throws {
        var (reader, number) = (LineReader(try InputFile(path: path)), 0)
        while let line = try reader.next() {
            number += 1
            let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            guard fields.count <= 2, let frames = fields.last else {
                throw TokenFormatError.line(path: path, number: number, problem: "more than one tab")
            }
            for frame in frames.split(whereSeparator: {
                $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r")
            }) {
                guard let ids = Self.ids(frame, variables: variables), ids.count == groups else {
                    let text = quoted(String(decoding: frame, as: UTF8.self))
                    throw TokenFormatError.line(
                        path: path, number: number,
                        problem: "\(text) is not \(groups) ids below \(variables) joined by dashes")
                }
                counts[ids, default: 0] += 1
            }
        }
        guard !counts.isEmpty else {
            throw FileError.unusable(
                path: path,
                problem:
                    "holds no tokens; give a file that quantize wrote as tsv or fairseq with this checkpoint"
            )
        }
    }

    /// The numbers between dashes; nil where one is not a number below `variables`.
    private static func ids(_ frame: ArraySlice<UInt8>, variables: Int) -> [Int32]? {
        var (ids, id, digits) = ([Int32](), 0, 0)
        for byte in frame {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                (id, digits) = (id * 10 + Int(byte - UInt8(ascii: "0")), digits + 1)
                guard id < variables else { return nil }
            case UInt8(ascii: "-") where digits > 0:
                ids.append(Int32(truncatingIfNeeded: id))
                (id, digits) = (0, 0)
            default: return nil
            }
        }
        return digits > 0 ? ids + [Int32(truncatingIfNeeded: id)] : nil
    }

    /// `3-17<TAB>42` lines, the most frequent first, equally frequent ones by their ids.
    var table: [UInt8] {
        let sorted = counts.sorted { left, right in
            left.value != right.value
                ? left.value > right.value : left.key.lexicographicallyPrecedes(right.key)
        }
        var lines: [UInt8] = []
        for (ids, count) in sorted {
            for (group, id) in ids.enumerated() {
                if group > 0 { lines.append(UInt8(ascii: "-")) }
                lines.append(decimal: Int(id))
            }
            lines.append(UInt8(ascii: "\t"))
            lines.append(decimal: count)
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }
}
