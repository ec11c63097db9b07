/// Praat's TextGrid in text, long or short.
///
/// As Praat reads it (manual: "TextGrid file formats"): what counts are numbers, strings and flags that stand alone
/// between white space; everything else, such as `xmin =`, is for people. So one reader takes both forms, on as many
/// lines as there are. `""` in a string is one quote.
struct TextGridReader {
    private enum Token {
        case number(Double)
        case text(String)
        case flag(String)
    }

    private let source: AlignmentText
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    /// - Returns: the tiers in the order of the file.
    /// - Throws: `AlignmentError` that names the line.
    static func tiers(_ text: AlignmentText) throws(AlignmentError) -> [AlignmentTier] {
        var reader = TextGridReader(text)
        return try reader.tiers()
    }

    private init(_ text: AlignmentText) {
        source = text
        bytes = Array(text.text.utf8)
    }

    private mutating func tiers() throws(AlignmentError) -> [AlignmentTier] {
        guard try text("\"ooTextFile\"") == "ooTextFile" else { throw expected("\"ooTextFile\"") }
        guard try text("\"TextGrid\"") == "TextGrid" else {
            throw expected("an object of class \"TextGrid\"")
        }
        _ = try number("the beginning of the TextGrid")
        _ = try number("the end of the TextGrid")
        guard case .flag(let flag) = try token("<exists>") else { throw expected("<exists>") }
        guard flag == "<exists>" else { return [] }
        let count = try self.count("the number of tiers")
        var tiers: [AlignmentTier] = []
        for _ in 0..<count { tiers.append(try tier()) }
        return tiers
    }

    private mutating func tier() throws(AlignmentError) -> AlignmentTier {
        let kind = try text("the class of a tier")
        let first = line
        let name = try text("the name of a tier")
        _ = try number("the beginning of the tier")
        _ = try number("the end of the tier")
        let count = try self.count("the number of entries")
        let stated = line
        switch kind {
        case "IntervalTier":
            var (intervals, fault) = ([LabelledInterval](), AlignmentError?.none)
            for found in 0..<count {
                guard try hasNumber() else {
                    throw source.problem(.tooFew(tier: name, stated: count, found: found), at: stated)
                }
                let start = try number("the beginning of an interval")
                let end = try number("the end of an interval")
                let endLine = line
                let interval = LabelledInterval(start, end, try text("a label"), line: endLine)
                fault =
                    fault ?? AlignmentReading.fault(interval, after: intervals.last, source, line: endLine)
                intervals.append(interval)
            }
            return AlignmentTier(name: name, .intervals(intervals), line: first, fault: fault)
        case "TextTier":
            var points: [LabelledPoint] = []
            for found in 0..<count {
                guard try hasNumber() else {
                    throw source.problem(.tooFew(tier: name, stated: count, found: found), at: stated)
                }
                points.append(LabelledPoint(try number("a time"), try text("a label")))
            }
            return AlignmentTier(name: name, .points(points), line: first)
        default: throw expected("\"IntervalTier\" or \"TextTier\"")
        }
    }
}

extension TextGridReader {
    private func expected(_ what: String) -> AlignmentError { source.problem(.expected(what), at: line) }

    private mutating func text(_ what: String) throws(AlignmentError) -> String {
        guard case .text(let text) = try token(what) else { throw expected(what) }
        return text
    }

    private mutating func number(_ what: String) throws(AlignmentError) -> Double {
        guard case .number(let number) = try token(what) else { throw expected(what) }
        return number
    }

    private mutating func count(_ what: String) throws(AlignmentError) -> Int {
        let number = try number(what)
        // No entry takes less than a byte.
        guard let count = Int(exactly: number), count >= 0, count <= bytes.count else {
            throw source.problem(.count("\(number)"), at: line)
        }
        return count
    }

    /// Whether a number is what comes next; where the file ends, there is more to be said than that.
    private func hasNumber() throws(AlignmentError) -> Bool {
        var ahead = self
        guard case .number = try ahead.token("more entries") else { return false }
        return true
    }

    /// The next thing that counts. `line` is then the line in which it begins.
    private mutating func token(_ what: String) throws(AlignmentError) -> Token {
        while position < bytes.count {
            let byte = bytes[position]
            if Self.isSpace(byte) {
                skip()
            } else if byte == UInt8(ascii: "!") {
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
            } else if byte == UInt8(ascii: "\"") {
                return .text(try string())
            } else {
                let word = word()
                if word.first == "<", word.last == ">" { return .flag(word) }
                guard let first = word.first, first.isASCII, first.isNumber || "+-.".contains(first) else {
                    continue
                }
                do { return .number(try word[...].time()) } catch { throw source.problem(error, at: line) }
            }
        }
        throw source.problem(.expected("\(what), the file ends"), at: line)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Passes over one byte of white space.
    private mutating func skip() {
        let isEnd = bytes[position] == 0x0D && (position + 1 >= bytes.count || bytes[position + 1] != 0x0A)
        if bytes[position] == 0x0A || isEnd { line += 1 }
        position += 1
    }

    private mutating func word() -> String {
        let start = position
        while position < bytes.count, !Self.isSpace(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// A string may go over several lines; behind its end is white space, else it was not closed where it should be.
    private mutating func string() throws(AlignmentError) -> String {
        let start = line
        var content: [UInt8] = []
        position += 1
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "\"") else {
                content.append(bytes[position])
                skip()
                continue
            }
            position += 1
            let next = position < bytes.count ? bytes[position] : 0x20
            guard next == UInt8(ascii: "\"") else {
                guard Self.isSpace(next) else { throw source.problem(.openQuote, at: start) }
                return String(decoding: content, as: UTF8.self)
            }
            content.append(next)
            position += 1
        }
        throw source.problem(.openQuote, at: start)
    }
}
