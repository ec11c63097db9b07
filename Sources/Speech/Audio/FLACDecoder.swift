/// Decodes FLAC with libsndfile, and looks at what is left when that has come to its end: libFLAC stops without a
/// word at a last frame that is not whole and before a second file behind the first.
final class FLACDecoder: AudioDecoder {
    private let decoder: SoundFileDecoder
    private let window: FileWindow
    private let name: String
    private var done = 0

    var sampleRate: Int { decoder.sampleRate }
    var channels: Int { decoder.channels }
    var frames: Int? { decoder.frames }

    /// - Returns: nil where the bytes are no FLAC file.
    init?(_ window: FileWindow, _ source: AudioSource) throws {
        guard window.begins(with: "fLaC"), let decoder = try SoundFileDecoder.open(window, source) else {
            return nil
        }
        (self.decoder, self.window, name) = (decoder, window, "\(source)")
    }

    func read(_ buffer: UnsafeMutableBufferPointer<Float>) throws -> Int {
        let count = try decoder.read(buffer)
        done += count
        if count == 0 { try checkRest() }
        return count
    }

    func seek(to frame: Int) throws -> Bool {
        done = frame
        return try decoder.seek(to: frame)
    }

    /// libFLAC reads a few kilobytes ahead: what it has not decoded begins in the last of these.
    private func checkRest() throws {
        let (step, overlap) = (1 << 16, 32)
        var start = max(4, window.offset - step)
        while start < window.count {
            let bytes = window.bytes(at: start, count: step + overlap)
            try window.file.check()
            for index in bytes.indices.prefix(step)
            where bytes[index] == 0xFF || bytes[index] == UInt8(ascii: "f") {
                let rest = bytes[index...]
                if rest.starts(with: Array("fLaC".utf8) + [0, 0, 0, 34]) {
                    throw AudioError.unsupported(
                        name,
                        "another FLAC file begins at byte \(start + index), after the first one's samples: "
                            + "take them apart")
                }
                if frames == nil, firstSample(ofFrame: Array(rest.prefix(16))) == done {
                    throw AudioError.unusable(name, "is truncated: its last FLAC frame is not whole")
                }
            }
            start += step
        }
    }

    /// The number of the first sample of the frame whose header these bytes begin with; nil where they do not.
    private func firstSample(ofFrame bytes: [UInt8]) -> Int? {
        guard bytes.count == 16, bytes[0] == 0xFF, bytes[1] & 0xFE == 0xF8 else { return nil }
        // The number is coded as UTF-8 codes characters.
        let more = bytes[4] < 0x80 ? 0 : (~bytes[4]).leadingZeroBitCount - 1
        guard (0...6).contains(more) else { return nil }
        var number = more == 0 ? Int(bytes[4]) : Int(bytes[4]) & ((1 << (6 - more)) - 1)
        for byte in bytes[5..<5 + more] { number = number << 6 | Int(byte & 0x3F) }
        let sizes = [6: 1, 7: 2]
        let rates = [12: 1, 13: 2, 14: 2]
        let length = 5 + more + (sizes[Int(bytes[2] >> 4)] ?? 0) + (rates[Int(bytes[2] & 15)] ?? 0)
        var sum: UInt8 = 0
        for byte in bytes[..<length] {
            sum ^= byte
            for _ in 0..<8 { sum = sum << 1 ^ (sum >> 7 == 1 ? 7 : 0) }
        }
        guard length < bytes.count, sum == bytes[length] else { return nil }
        let blockSize = window.integer(at: 8, bytes: 2, bigEndian: true) ?? 0
        return bytes[1] & 1 == 1 ? number : number * blockSize
    }
}
