import Files

/// Tables of intervals: CSV with a header (RFC 4180), and TSV with or without.
enum AlignmentTable {
    private struct Record {
        /// Where it begins, from 1.
        let line: Int
        let fields: [String]
    }

    /// Which column holds what.
    private struct Columns {
        let utterance: Int?
        let start: Int
        let end: Int
        let label: Int
        let tier: Int?
        let speaker: Int?

        /// `utterance, start, end, label`, then perhaps a speaker.
        static let usual = Columns(utterance: 0, start: 1, end: 2, label: 3, tier: nil, speaker: 4)

        /// - Parameter header: names of columns; Montreal Forced Aligner has Begin, End, Label, Type and Speaker.
        init(_ header: [String]) throws(AlignmentError.Problem) {
            let names = header.map { $0[...].trimmed.lowercased() }
            func column(_ spellings: String...) -> Int? {
                spellings.lazy.compactMap { names.firstIndex(of: $0) }.first
            }
            guard let start = column("start", "begin") else { throw .noColumn("start") }
            guard let end = column("end") else { throw .noColumn("end") }
            guard let label = column("label") else { throw .noColumn("label") }
            (self.start, self.end, self.label) = (start, end, label)
            (utterance, tier, speaker) = (column("utterance"), column("type", "tier"), column("speaker"))
        }

        private init(utterance: Int?, start: Int, end: Int, label: Int, tier: Int?, speaker: Int?) {
            (self.utterance, self.start, self.end, self.label) = (utterance, start, end, label)
            (self.tier, self.speaker) = (tier, speaker)
        }
    }

    static func csv(_ text: AlignmentText, name: ByteString) throws(AlignmentError) -> [Alignment] {
        let records = try quotedRecords(text)
        guard let header = records.first else { throw text.problem(.noIntervals, at: 1) }
        return try read(text, records.dropFirst(), try columns(text, header), name: name)
    }

    static func tsv(_ text: AlignmentText, name: ByteString) throws(AlignmentError) -> [Alignment] {
        let records = text.lines.map { line in
            let fields = line.text.split(separator: "\t", omittingEmptySubsequences: false)
            return Record(line: line.number, fields: fields.map(String.init))
        }
        let hasHeader =
            records.first?.fields.contains { ["start", "begin"].contains($0.lowercased()) } ?? false
        guard hasHeader, let header = records.first else {
            return try read(text, records[...], .usual, name: name)
        }
        return try read(text, records.dropFirst(), try columns(text, header), name: name)
    }

    private static func columns(_ text: AlignmentText, _ header: Record) throws(AlignmentError) -> Columns {
        do { return try Columns(header.fields) } catch { throw text.problem(error, at: header.line) }
    }

    /// - Parameter name: of the utterance where there is no column for it.
    private static func read(
        _ text: AlignmentText, _ records: ArraySlice<Record>, _ columns: Columns, name: ByteString
    ) throws(AlignmentError) -> [Alignment] {
        var reading = AlignmentReading(text)
        for record in records {
            func field(_ column: Int?) -> String? {
                column.flatMap { $0 < record.fields.count ? record.fields[$0] : nil }
            }
            let interval = try text.naming(record.line) { () throws(AlignmentError.Problem) in
                guard let start = field(columns.start), let end = field(columns.end),
                    let label = field(columns.label)
                else { throw .fields("\(columns.label + 1) fields or more") }
                return LabelledInterval(
                    try start[...].trimmed.time(), try end[...].trimmed.time(), label, line: record.line)
            }
            reading.add(
                interval, to: field(columns.tier) ?? Alignment.usualTier,
                of: field(columns.utterance).map { ByteString($0) } ?? name, speaker: field(columns.speaker))
        }
        return try reading.finish()
    }

    /// Fields between commas; one in quotes may hold commas, line ends and `""`, which is one quote.
    private static func quotedRecords(_ text: AlignmentText) throws(AlignmentError) -> [Record] {
        var records: [Record] = []
        var (fields, field, line, start) = ([String](), [UInt8](), 1, 1)
        var (isQuoted, wasQuoted, quoteLine) = (false, false, 1)
        let bytes = Array(text.text.utf8)
        func flush() {
            fields.append(String(decoding: field, as: UTF8.self))
            field.removeAll(keepingCapacity: true)
            wasQuoted = false
        }
        func endRecord() {
            let isEmpty = fields.isEmpty && field.isEmpty && !wasQuoted
            flush()
            if !isEmpty { records.append(Record(line: start, fields: fields)) }
            fields = []
        }
        for (place, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            switch byte {
            case UInt8(ascii: "\"") where isQuoted: isQuoted = false
            case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted:
                (isQuoted, wasQuoted, quoteLine) = (true, true, line)
            case UInt8(ascii: "\"") where wasQuoted && bytes[place - 1] == byte:
                // The second of two.
                field.append(byte)
                isQuoted = true
            case UInt8(ascii: ",") where !isQuoted: flush()
            case UInt8(ascii: "\n") where !isQuoted:
                endRecord()
                start = line
            case UInt8(ascii: "\r") where !isQuoted: break
            default: field.append(byte)
            }
        }
        guard !isQuoted else { throw text.problem(.openQuote, at: quoteLine) }
        if !fields.isEmpty || !field.isEmpty || wasQuoted { endRecord() }
        return records
    }
}
