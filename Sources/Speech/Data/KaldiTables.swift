import Foundation

/// Kaldi's table of recordings, `wav.scp`, and the table `segments` that may go with it.
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
    public static func recordings(_ path: String) throws(DataError) -> [Recording] {
        let recordings = try table(path)
        let segments = (path as NSString).deletingLastPathComponent.appending("/segments")
        let beside = path.contains("/") ? segments : "segments"
        guard (path as NSString).lastPathComponent == "wav.scp",
            FileManager.default.fileExists(atPath: beside)
        else { return recordings }
        return try self.segments(beside, of: recordings, in: path)
    }

    private static func table(_ path: String) throws(DataError) -> [Recording] {
        let list = try ListFile(path: path, kind: "a table of recordings")
        var keys = KeyCheck(list: list)
        var recordings: [Recording] = []
        for (index, line) in list.lines.enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            guard let space = text.firstIndex(where: \.isWhitespace) else {
                throw list.problem(
                    at: index, "expected \"key path\" or \"key path:offset\", found \"\(line)\"")
            }
            let key = String(text[..<space])
            try keys.add(key, at: index)
            let place = text[space...].trimmingCharacters(in: .whitespaces)
            recordings.append(Recording(try source(place, of: key, list, index), name: key))
        }
        guard !recordings.isEmpty else { throw DataError("\(path): lists no recordings") }
        return recordings
    }

    private static func source(
        _ place: String, of key: String, _ list: ListFile, _ index: Int
    ) throws(DataError) -> AudioSource {
        guard !place.hasSuffix("|"), !place.hasPrefix("|") else {
            throw list.problem(
                at: index,
                "\(key) is the output of a command (\(place)): commands are not run; write what it gives to a "
                    + "WAV file and list that")
        }
        guard place != "-" else {
            throw list.problem(at: index, "\(key) is to be read from standard input: list a file")
        }
        let digits = place.utf8.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let path = place.utf8.dropLast(digits.count)
        guard !digits.isEmpty, path.last == UInt8(ascii: ":"), path.count > 1 else {
            return AudioSource(path: place)
        }
        guard let offset = Int(place.suffix(digits.count)) else {
            throw list.problem(at: index, "\(key) has an offset that no file has: make the table anew")
        }
        return AudioSource(path: String(Substring(path.dropLast())), offset: offset)
    }

    /// Lines `key recording start end` in seconds; an end of -1 is the recording's.
    private static func segments(
        _ path: String, of recordings: [Recording], in table: String
    ) throws(DataError) -> [Recording] {
        let list = try ListFile(path: path, kind: "a table of segments")
        let sources = Dictionary(uniqueKeysWithValues: recordings.map { ($0.name, $0.source) })
        var keys = KeyCheck(list: list)
        var segments: [Recording] = []
        for (index, line) in list.lines.enumerated() {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count == 4, let start = Double(fields[2]), let end = Double(fields[3]),
                start.isFinite, start >= 0, end == -1 || end > start && end.isFinite
            else {
                throw list.problem(
                    at: index, "expected \"key recording start end\" with times in seconds, found \"\(line)\""
                )
            }
            guard var source = sources[String(fields[1])] else {
                throw list.problem(at: index, "\(table) has no recording \(fields[1])")
            }
            try keys.add(String(fields[0]), at: index)
            source.part = AudioSource.Part(start: start, end: end == -1 ? nil : end)
            segments.append(Recording(source, name: String(fields[0])))
        }
        guard !segments.isEmpty else { throw DataError("\(path): lists no segments") }
        return segments
    }
}

/// Refuses a key that a table has already.
private struct KeyCheck {
    let list: ListFile
    /// The line that has it, from 0.
    var lines: [String: Int] = [:]

    init(list: ListFile) { self.list = list }

    mutating func add(_ key: String, at index: Int) throws(DataError) {
        if let known = lines.updateValue(index, forKey: key) {
            throw list.problem(at: index, "the key \(key) is that of line \(known + 1) already")
        }
    }
}
