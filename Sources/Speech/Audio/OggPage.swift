/// The header of an Ogg page (RFC 3533).
struct OggPage {
    /// In the window.
    let start: Int
    let headerCount: Int
    let bodyCount: Int
    let flags: UInt8
    let serial: Int
    let sequence: Int
    /// Whether its last packet goes on in the next page.
    let isOpen: Bool

    var body: Range<Int> { start + headerCount..<end }
    var end: Int { start + headerCount + bodyCount }
    var beginsStream: Bool { flags & 2 != 0 }
    var endsStream: Bool { flags & 4 != 0 }

    /// - Throws: `AudioError` where the page is cut off or damaged.
    init(_ window: FileWindow, at start: Int, _ source: AudioSource) throws {
        let header = window.bytes(at: start, count: 27 + 255)
        let segments = header.count > 26 ? Int(header[26]) : 255
        guard header.starts(with: "OggS".utf8) || header.count < 4 else {
            throw AudioError.unusable("\(source)", "is damaged: no Ogg page begins at byte \(start)")
        }
        let lacing = header.dropFirst(27).prefix(segments)
        let body = lacing.reduce(0) { $0 + Int($1) }
        guard lacing.count == segments, start + 27 + segments + body <= window.count else {
            throw AudioError.unusable(
                "\(source)", "is truncated: the last page of its Ogg stream is not whole")
        }
        func little(_ offset: Int) -> Int {
            header[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        (self.start, headerCount, bodyCount) = (start, 27 + segments, body)
        (flags, isOpen) = (header[5], lacing.last == 255)
        (serial, sequence) = (little(14), little(18))
        var page = window.bytes(at: start, count: headerCount + body)
        for index in 22..<26 where page.count > 26 { page[index] = 0 }
        guard page.count == headerCount + body, Self.checksum(page) == UInt32(little(22)) else {
            try window.file.check()
            throw AudioError.unusable(
                "\(source)", "is damaged: the checksum of the Ogg page at byte \(start) is wrong")
        }
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { value, _ in value << 1 ^ (value >> 31 == 1 ? 0x04C1_1DB7 : 0) }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            bytes.withUnsafeBufferPointer { bytes in
                var sum: UInt32 = 0
                for byte in bytes { sum = sum << 8 ^ table[Int(UInt8(truncatingIfNeeded: sum >> 24) ^ byte)] }
                return sum
            }
        }
    }
}
