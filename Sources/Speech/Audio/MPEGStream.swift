/// The MPEG audio (MP3) in a file, without the tags around it: ID3 and APE tags can hold pictures whose bytes look
/// like sound, and lengths that are estimated from the size count them as such.
struct MPEGStream {
    let window: FileWindow
    /// Frames that its first one promises (Xing, Info or VBRI); nil where it does not, or says none.
    let promisedFrames: Int?

    /// - Returns: nil where the bytes are not MPEG audio.
    init?(_ whole: FileWindow) {
        var start = Self.leadingTags(whole)
        // Some editors leave room behind the tag.
        let room = start > 0 ? whole.bytes(at: start, count: 1 << 16).prefix { $0 == 0 }.count : 0
        start += room
        guard let header = Self.header(whole, at: start) else { return nil }
        var end = whole.count
        while let length = Self.closingTagLength(whole, before: end), end - length > start { end -= length }
        window = whole[start..<end]
        promisedFrames = Self.promisedFrames(window, header)
    }

    /// Bytes of the tags that a file begins with.
    static func leadingTags(_ window: FileWindow) -> Int {
        var start = 0
        while let length = tagLength(window, at: start) { start += length }
        return min(start, window.count)
    }

    /// Whether a frame begins with these four bytes.
    static func header(_ window: FileWindow, at offset: Int) -> [UInt8]? {
        let header = window.bytes(at: offset, count: 4)
        guard header.count == 4, header[0] == 0xFF, header[1] & 0xE0 == 0xE0, header[1] >> 3 & 3 != 1,
            header[1] >> 1 & 3 != 0, header[2] >> 4 != 15, header[2] >> 2 & 3 != 3
        else { return nil }
        return header
    }

    /// Bytes of a tag that begins somewhere.
    static func tagLength(_ window: FileWindow, at offset: Int) -> Int? {
        let header = window.bytes(at: offset, count: 32)
        if header.starts(with: "ID3".utf8), header.count >= 10, header[6...9].allSatisfy({ $0 < 128 }) {
            let content = header[6...9].reduce(0) { $0 << 7 | Int($1) }
            return 10 + content + (header[5] & 0x10 == 0 ? 0 : 10)
        }
        if header.starts(with: "APETAGEX".utf8), header.count == 32 {
            return 32 + (window.integer(at: offset + 12, bytes: 4, bigEndian: false) ?? 0)
        }
        if header.starts(with: "TAG".utf8), window.count - offset >= 128 { return 128 }
        return nil
    }

    /// Bytes of a tag that ends somewhere.
    private static func closingTagLength(_ window: FileWindow, before end: Int) -> Int? {
        if window.begins(with: "TAG", at: end - 128) { return 128 }
        if window.begins(with: "TAG+", at: end - 227) { return 227 }
        if window.begins(with: "APETAGEX", at: end - 32) {
            let content = window.integer(at: end - 20, bytes: 4, bigEndian: false) ?? 0
            let flags = window.integer(at: end - 12, bytes: 4, bigEndian: false) ?? 0
            return content + (flags >> 31 == 1 ? 32 : 0)
        }
        if window.begins(with: "LYRICS200", at: end - 9) {
            return Int(String(decoding: window.bytes(at: end - 15, count: 6), as: UTF8.self)).map { $0 + 15 }
        }
        if window.begins(with: "3DI", at: end - 10) {
            return 20 + window.bytes(at: end - 4, count: 4).reduce(0) { $0 << 7 | Int($1 & 127) }
        }
        return nil
    }

    private static func promisedFrames(_ window: FileWindow, _ header: [UInt8]) -> Int? {
        let isOne = header[1] >> 3 & 3 == 3
        let isMono = header[3] >> 6 == 3
        let side = isOne ? (isMono ? 17 : 32) : (isMono ? 9 : 17)
        func big(_ offset: Int) -> Int { window.integer(at: offset, bytes: 4, bigEndian: true) ?? 0 }
        var frames = 0
        if ["Xing", "Info"].contains(window.tag(at: 4 + side)), big(8 + side) & 1 == 1 {
            frames = big(12 + side)
        } else if window.begins(with: "VBRI", at: 36) {
            frames = big(50)
        }
        return frames > 0 ? frames : nil
    }
}
