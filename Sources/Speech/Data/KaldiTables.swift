import Files
import SystemPackage

/// Kaldi's table of recordings, `wav.scp`, the table `segments` that may go with it, and that of speakers, `utt2spk`.
///
/// `wav.scp` has a line `key path` for a file, `key path:offset` for a recording in an archive. Kaldi runs a
/// path that ends in `|` as a command; here it is refused. Paths are relative to the current directory, as
/// in Kaldi.
public enum KaldiTables {
    /// The recordings of a table: those of `wav.scp`, or, where the file is called that and `segments` lies
    /// beside it, the segments.
    ///
    /// - Returns: the recordings in the order of the lines, under their keys.
    /// - Throws: `DataError` that names the file and the line.
    public static func recordings(_ path: FilePath) throws(DataError) -> [Recording] {
        let recordings = try table(path)
        let segments = segments(beside: path)
        guard path.lastComponent == "wav.scp", segments.isFile else { return recordings }
        return try self.segments(segments, of: recordings, in: path)
    }

    /// What is read where a table of recordings is named: it, and the segments beside it.
    public static func files(_ path: FilePath) -> [FilePath] {
        path.lastComponent == "wav.scp" ? [path, segments(beside: path)] : [path]
    }

    private static func segments(beside path: FilePath) -> FilePath {
        path.removingLastComponent().appending("segments")
    }

    private static func table(_ path: FilePath) throws(DataError) -> [Recording] {
        let list = try ListFile(path: path)
        var keys = KeyCheck(list: list)
        var recordings: [Recording] = []
        for line in list.lines {
            let text = line.bytes.trimmingBlanks
            guard let blank = text.firstIndex(where: ArraySlice.isBlank) else {
                throw list.problem(at: line, expected: "\"key path\" or \"key path:offset\"")
            }
            let key = ByteString(text[..<blank])
            try keys.add(key, at: line)
            recordings.append(
                Recording(try source(text[blank...].trimmingBlanks, of: key, list, line), name: key))
        }
        guard !recordings.isEmpty else { throw DataError.empty("\(path)", "lists no recordings") }
        return recordings
    }

    private static func source(
        _ location: ArraySlice<UInt8>, of key: ByteString, _ list: ListFile, _ line: ListFile.Line
    ) throws(DataError) -> AudioSource {
        let pipe = UInt8(ascii: "|")
        guard location.last != pipe, location.first != pipe else {
            throw list.problem(
                at: line,
                "\(key) is the output of a command (\(location.shown)): commands are not run; write what it gives "
                    + "to a WAV file and list that")
        }
        guard !location.elementsEqual("-".utf8) else {
            throw list.problem(at: line, "\(key) is to be read from standard input: list a file")
        }
        let digits = location.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let path = location.dropLast(digits.count)
        guard !digits.isEmpty, path.last == UInt8(ascii: ":"), path.count > 1 else {
            return AudioSource(path: FilePath(location))
        }
        guard let offset = location.suffix(digits.count).number(Int.self) else {
            throw list.problem(at: line, "\(key) has an offset that no file has: make the table anew")
        }
        return AudioSource(path: FilePath(path.dropLast()), offset: offset)
    }

    /// Lines `key recording start end` in seconds; an end of -1 is the recording's.
    private static func segments(
        _ path: FilePath, of recordings: [Recording], in table: FilePath
    ) throws(DataError) -> [Recording] {
        let list = try ListFile(path: path)
        let sources = Dictionary(uniqueKeysWithValues: recordings.map { ($0.name, $0.source) })
        var keys = KeyCheck(list: list)
        var segments: [Recording] = []
        for line in list.lines {
            let fields = line.bytes.split(whereSeparator: ArraySlice.isBlank)
            guard fields.count == 4, let start = fields[2].number(Double.self),
                let end = fields[3].number(Double.self), start.isFinite, start >= 0,
                end == -1 || end > start && end.isFinite
            else {
                throw list.problem(at: line, expected: "\"key recording start end\" with times in seconds")
            }
            guard var source = sources[ByteString(fields[1])] else {
                throw list.problem(at: line, "\(table) has no recording \(fields[1].shown)")
            }
            let key = ByteString(fields[0])
            try keys.add(key, at: line)
            source.part = AudioSource.Part(start: start, end: end == -1 ? nil : end)
            segments.append(Recording(source, name: key))
        }
        guard !segments.isEmpty else { throw DataError.empty("\(path)", "lists no segments") }
        return segments
    }
}

extension KaldiTables {
    /// The speaker of each utterance: lines `utterance speaker`, as of `utt2spk`.
    /// - Throws: `DataError` that names the file and the line, also where an utterance has two speakers.
    public static func speakers(_ path: FilePath) throws(DataError) -> [ByteString: String] {
        let list = try ListFile(path: path)
        var known: [ByteString: (speaker: String, line: Int)] = [:]
        for line in list.lines {
            let fields = line.bytes.split(whereSeparator: ArraySlice.isBlank)
            guard fields.count == 2 else {
                throw list.problem(at: line, expected: "\"utterance speaker\"")
            }
            let (utterance, speaker) = (ByteString(fields[0]), String(decoding: fields[1], as: UTF8.self))
            if let other = known[utterance], other.speaker != speaker {
                throw list.problem(
                    at: line,
                    "\(utterance) is of \(other.speaker) in line \(other.line) already: give it one speaker")
            }
            known[utterance] = (speaker, line.number)
        }
        guard !known.isEmpty else { throw DataError.empty("\(path)", "lists no speakers") }
        return known.mapValues(\.speaker)
    }
}

/// Refuses a key that a table has already.
private struct KeyCheck {
    let list: ListFile
    /// The number of the line that has it.
    var lines: [ByteString: Int] = [:]

    init(list: ListFile) { self.list = list }

    mutating func add(_ key: ByteString, at line: ListFile.Line) throws(DataError) {
        if let known = lines.updateValue(line.number, forKey: key) {
            throw list.problem(at: line, "the key \(key) is that of line \(known) already")
        }
    }
}
