/// Finds uncompressed files (WAV, RF64, AIFF, AU) that end before the samples which their header promises:
/// libsndfile takes such a file for a shorter one. Compressed formats show it when they are decoded.
struct DeclaredSize {
    /// Throws an `AudioError` if the file is shorter than it says. Files of other kinds pass.
    static func check(_ window: FileWindow, of source: AudioSource) throws {
        if let end = DeclaredSize(window: window).declaredEnd(), end > window.count {
            throw AudioError.unusable(
                "\(source)", "is truncated: its header promises \(end) bytes, the file has \(window.count)")
        }
    }

    let window: FileWindow

    /// The length in bytes that the header stands for; nil where it does not tell.
    func declaredEnd() -> Int? {
        switch tag(at: 0) {
        case "RIFF": return endOfData(bigEndian: false)
        case "RIFX": return endOfData(bigEndian: true)
        case "RF64": return endOfData(bigEndian: false)
        case "FORM": return integer(at: 4, bytes: 4, bigEndian: true).map { 8 + $0 }
        case ".snd":
            guard let offset = integer(at: 4, bytes: 4, bigEndian: true),
                let length = integer(at: 8, bytes: 4, bigEndian: true), length != 0xFFFF_FFFF
            else { return nil }
            return offset + length
        default: return nil
        }
    }

    /// Walks a WAV file's chunks (tag, 4 bytes of length, content, padded to an even length) to `data`.
    private func endOfData(bigEndian: Bool) -> Int? {
        var position = 12
        var longLength: Int?
        while let length = integer(at: position + 4, bytes: 4, bigEndian: bigEndian) {
            switch tag(at: position) {
            case "ds64":
                // RF64 has the length of `data` here, and all ones in the chunk itself.
                longLength = integer(at: position + 16, bytes: 8, bigEndian: bigEndian)
            case "data":
                if length == 0xFFFF_FFFF, let longLength {
                    let (end, overflow) = (position + 8).addingReportingOverflow(longLength)
                    return overflow ? .max : end
                }
                // Programs that write to a pipe cannot come back to fill the length in, and leave one of
                // these; libsndfile reads to the end of the file.
                return length >= 0x7FFF_F000 ? nil : position + 8 + length
            default: break
            }
            position += 8 + length + length % 2
        }
        return nil
    }

    private func bytes(at offset: Int, count: Int) -> [UInt8]? {
        let bytes = window.bytes(at: offset, count: count)
        return bytes.count == count ? bytes : nil
    }

    private func tag(at offset: Int) -> String? {
        bytes(at: offset, count: 4).map { String(decoding: $0, as: UTF8.self) }
    }

    private func integer(at offset: Int, bytes count: Int, bigEndian: Bool) -> Int? {
        guard let bytes = bytes(at: offset, count: count) else { return nil }
        let ordered = bigEndian ? bytes : bytes.reversed()
        return Int(clamping: ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
