import Files

/// Formats with an interval on each line: TIMIT, CTM, HTK, festvox.
enum LabelLines {
    /// `start end label` in samples (TIMIT's documentation, `readme.doc`).
    static func timit(
        _ text: AlignmentText, name: ByteString, tier: String, sampleRate: Int
    ) throws(AlignmentError) -> [Alignment] {
        var reading = AlignmentReading(text)
        for line in text.lines {
            let interval = try text.naming(line.number) { () throws(AlignmentError.Problem) in
                try samples(line, "\"start end label\" in samples") { Double($0) / Double(sampleRate) }
            }
            reading.add(interval, to: tier, of: name)
        }
        return try reading.finish()
    }

    /// `start end label …` in units of 100 ns (The HTK Book 6.2.1); what follows the label are scores.
    static func htk(_ text: AlignmentText, name: ByteString) throws(AlignmentError) -> [Alignment] {
        var reading = AlignmentReading(text)
        for line in text.lines {
            let interval = try text.naming(line.number) { () throws(AlignmentError.Problem) in try htk(line) }
            reading.add(interval, to: Alignment.usualTier, of: name)
        }
        return try reading.finish()
    }

    static func htk(_ line: AlignmentText.Line) throws(AlignmentError.Problem) -> LabelledInterval {
        var interval = try samples(line, "\"start end label\" in units of 100 ns") { Double($0) / 1e7 }
        interval.label = String(line.fields[2])
        return interval
    }

    /// `utterance channel start duration label [confidence]` in seconds; `;;` begins a comment (NIST's sctk, ctm.5).
    /// Channels of one utterance are one recording, so that their intervals may not overlap.
    static func ctm(_ text: AlignmentText) throws(AlignmentError) -> [Alignment] {
        var reading = AlignmentReading(text)
        for line in text.lines where !line.fields[0].hasPrefix(";;") {
            let fields = line.fields
            let interval = try text.naming(line.number) { () throws(AlignmentError.Problem) in
                guard fields.count >= 5 else { throw .fields("\"utterance channel start duration label\"") }
                let (start, duration) = (try fields[2].time(), try fields[3].time())
                return LabelledInterval(
                    start, rounded(start + duration), String(fields[4]), line: line.number)
            }
            reading.add(
                interval, to: Alignment.usualTier, of: ByteString(String(fields[0])), channel: fields[1])
        }
        return try reading.finish()
    }

    /// `end number label`, each interval from the end of the one before, below a header that a line `#` ends; what
    /// follows the header's `separator`, usually `;`, is ignored (Festvox; ESPS's xlabel).
    static func festvox(_ text: AlignmentText, name: ByteString) throws(AlignmentError) -> [Alignment] {
        var reading = AlignmentReading(text)
        var (isHeader, separator, previous) = (true, Character(";"), 0.0)
        for line in text.lines {
            if isHeader {
                let fields = line.fields
                if fields.count == 2, fields[0] == "separator", let first = fields[1].first {
                    separator = first
                }
                isHeader = fields != ["#"]
                continue
            }
            let start = previous
            let interval = try text.naming(line.number) { () throws(AlignmentError.Problem) in
                let content = AlignmentText.Line(
                    number: line.number, text: line.text.prefix { $0 != separator })
                let fields = content.fields
                guard fields.count >= 3 else { throw .fields("\"end number label\"") }
                let label = fields[2...].joined(separator: " ")
                return LabelledInterval(start, try fields[0].time(), label, line: line.number)
            }
            previous = interval.end
            reading.add(interval, to: Alignment.usualTier, of: name)
        }
        return try reading.finish()
    }

    private static func samples(
        _ line: AlignmentText.Line, _ expected: String, seconds: (Int) -> Double
    ) throws(AlignmentError.Problem) -> LabelledInterval {
        let fields = line.fields
        guard fields.count >= 3 else { throw .fields(expected) }
        let (start, end) = (try fields[0].wholeNumber(), try fields[1].wholeNumber())
        return LabelledInterval(
            seconds(start), seconds(end), fields[2...].joined(separator: " "), line: line.number)
    }

    /// To 1 µs: the sum of two decimal numbers is seldom the nearest to their decimal sum.
    private static func rounded(_ seconds: Double) -> Double {
        seconds < 1e9 ? (seconds * 1e6).rounded() / 1e6 : seconds
    }
}

extension AlignmentText {
    /// Names the line in what `body` throws.
    func naming<Result>(
        _ line: Int, _ body: () throws(AlignmentError.Problem) -> Result
    ) throws(AlignmentError) -> Result {
        do { return try body() } catch { throw problem(error, at: line) }
    }
}

/// HTK's master label file (The HTK Book 6.3): below `#!MLF!#` the labels of many utterances, each between a line with
/// its name, `"*/utterance.lab"`, and a line `.`.
enum MasterLabels {
    static let mark = "#!MLF!#"

    static func read(_ text: AlignmentText) throws(AlignmentError) -> [Alignment] {
        let lines = text.lines
        guard let first = lines.first, first.fields == [mark[...]] else {
            throw text.problem(lines.isEmpty ? .noIntervals : .noMaster, at: lines.first?.number ?? 1)
        }
        var reading = AlignmentReading(text)
        var name: ByteString?
        for line in lines.dropFirst() {
            if let utterance = name {
                guard line.fields != ["."] else {
                    name = nil
                    continue
                }
                let interval = try text.naming(line.number) { () throws(AlignmentError.Problem) in
                    try LabelLines.htk(line)
                }
                reading.add(interval, to: Alignment.usualTier, of: utterance)
            } else {
                let pattern = line.text.trimmed
                guard pattern.count > 2, pattern.first == "\"", pattern.last == "\"" else {
                    throw text.problem(
                        .fields("the name of an utterance, \"*/utterance.lab\""), at: line.number)
                }
                let file = pattern.dropFirst().dropLast().split(separator: "/").last ?? ""
                let ending = file.lastIndex(of: ".") ?? file.endIndex
                name = ByteString(String(ending == file.startIndex ? file : file[..<ending]))
            }
        }
        return try reading.finish()
    }
}

/// Audacity's label track (manual: "Importing and Exporting Labels"): `start<tab>end<tab>label` in seconds. A label
/// without length is a point; a line that begins with a backslash has the frequencies of the label above it.
enum AudacityLabels {
    static func read(_ text: AlignmentText, name: ByteString) throws(AlignmentError) -> Alignment {
        var (intervals, points) = ([LabelledInterval](), [LabelledPoint]())
        var (first, fault) = (Int?.none, AlignmentError?.none)
        for line in text.lines where line.text.first != "\\" {
            let fields = line.text.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
            let interval = try text.naming(line.number) { () throws(AlignmentError.Problem) in
                guard fields.count >= 2 else { throw .noTabs }
                let label = fields.count > 2 ? String(fields[2]) : ""
                return LabelledInterval(try fields[0].time(), try fields[1].time(), label, line: line.number)
            }
            first = first ?? line.number
            if interval.start == interval.end {
                points.append(LabelledPoint(interval.start, interval.label))
            } else {
                fault =
                    fault ?? AlignmentReading.fault(interval, after: intervals.last, text, line: line.number)
                intervals.append(interval)
            }
        }
        guard let first else { throw text.problem(.noIntervals, at: 1) }
        var tiers = [AlignmentTier(name: "labels", .intervals(intervals), line: first, fault: fault)]
        if !points.isEmpty { tiers.append(AlignmentTier(name: "points", .points(points), line: first)) }
        return Alignment(utterance: name, path: text.path, line: first, tiers: tiers)
    }
}
