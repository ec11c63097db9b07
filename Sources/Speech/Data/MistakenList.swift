import Files
import SystemPackage

/// Recognizes lists of recordings that are named as if they were recordings.
enum MistakenList {
    /// How to give the list; nil for what is none.
    static func problem(_ path: FilePath) -> DataError? {
        guard !RecordingSearch.isRecording(path), path.isFile else { return nil }
        if path.extension?.lowercased() == "ark" {
            return .list(
                "\(path)",
                problem: "is an archive: name the table that says where its recordings begin (.scp)")
        }
        let lines = firstLines(path)
        guard let first = lines.first?.trimmingBlanks else { return nil }
        // A path may hold spaces, a key of a table hardly ever a slash.
        if !FilePath(first).isFile, isTableLine(first) {
            return .list("\(path)", problem: "looks like a table of Kaldi: give it a name that ends in .scp")
        }
        if isRecording(first) {
            return .list(
                "\(path)", problem: "looks like a list of paths: give it on standard input, as in - < \(path)"
            )
        }
        if lines.count > 1, FilePath(first).isFolder, isManifestLine(lines[1]) {
            return .list(
                "\(path)", problem: "looks like a manifest of fairseq: give it a name that ends in .tsv")
        }
        return nil
    }

    /// `key path`, `key path.ark:1234` or `key command |`.
    private static func isTableLine(_ line: ArraySlice<UInt8>) -> Bool {
        guard let blank = line.firstIndex(where: ArraySlice.isBlank),
            !line[..<blank].contains(UInt8(ascii: "/"))
        else { return false }
        let location = line[blank...].trimmingBlanks
        return isRecording(location) || isInArchive(location) || location.last == UInt8(ascii: "|")
    }

    /// Those of the beginning of a text that are not empty; none where the file is no text.
    private static func firstLines(_ path: FilePath) -> [ArraySlice<UInt8>] {
        var head = [UInt8](repeating: 0, count: 8192)
        guard let file = try? FileDescriptor.open(path, .readOnly, options: .closeOnExec),
            let count = try? file.closeAfter({ try head.withUnsafeMutableBytes { try file.read(into: $0) } })
        else { return [] }
        let isText = head[..<count].allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard isText else { return [] }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        return head[..<count].dropFirst(head.starts(with: mark) ? mark.count : 0)
            .split { $0 == 0x0A || $0 == 0x0D }.filter { !$0.trimmingBlanks.isEmpty }
    }

    private static func isRecording(_ bytes: ArraySlice<UInt8>) -> Bool {
        let path = FilePath(bytes)
        return RecordingSearch.isRecording(path) || path.isFile
    }

    /// `path.ark:1234`.
    private static func isInArchive(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: ":"))
        return parts.count > 1 && parts.last?.number(Int.self) != nil
    }

    private static func isManifestLine(_ bytes: ArraySlice<UInt8>) -> Bool {
        let fields = bytes.split(separator: UInt8(ascii: "\t"))
        return fields.count == 2 && fields[1].number(Int.self) != nil
    }
}
