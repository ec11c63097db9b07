/// The chunks of a WAV file (RIFF, big-endian RIFX, and RF64 and BW64 for lengths beyond 4 GiB): a tag, four bytes
/// of length, the content, padded to an even length.
///
/// Recorders and editors write what libsndfile refuses: chunks padded otherwise, chunks with damage that does not
/// touch the sound, no length because they were killed. Such a file is decoded from its format and its samples alone.
struct WaveFile {
    private let window: FileWindow
    private let bigEndian: Bool
    /// RIFF, RIFX, RF64 or BW64.
    private let kind: String
    private var format: Range<Int>?
    private var fact: Range<Int>?
    /// Where the samples begin; nil where there are none.
    private var dataStart: Int?
    /// Length of the samples in bytes; nil where the header does not tell.
    private var dataLength: Int?

    /// Whether the samples are coded in a way that libsndfile does not know.
    var hasForeignCoding: Bool {
        guard let format, let coding = window.integer(at: format.lowerBound, bytes: 2, bigEndian: bigEndian)
        else {
            return false
        }
        return ![0, 1, 2, 3, 6, 7, 0x11, 0x31, 0x38, 0x40, 0x50, 0x55, 0xFFFE].contains(coding)
    }

    /// The byte after the samples; nil where the header does not tell.
    var declaredEnd: Int? {
        guard let dataStart, let dataLength else { return nil }
        let (end, overflow) = dataStart.addingReportingOverflow(dataLength)
        return overflow ? .max : end
    }

    /// Nil where the bytes are not WAV.
    init?(_ window: FileWindow) {
        guard let kind = window.tag(at: 0), ["RIFF", "RIFX", "RF64", "BW64"].contains(kind),
            window.begins(with: "WAVE", at: 8)
        else { return nil }
        (self.window, self.kind, bigEndian) = (window, kind, kind == "RIFX")
        var position = 12
        var longLength: Int?
        while let length = integer(at: position + 4) {
            let content = position + 8..<position + 8 + length
            switch window.tag(at: position) {
            case "ds64": longLength = window.integer(at: position + 16, bytes: 8, bigEndian: false)
            case "fmt ": format = content.clamped(to: 0..<window.count)
            case "fact": fact = content.clamped(to: 0..<window.count)
            case "data":
                dataStart = content.lowerBound
                dataLength = self.length(length, from: content.lowerBound, long: longLength)
                return
            default: break
            }
            position = nextChunk(after: content.upperBound)
        }
    }

    private func integer(at offset: Int) -> Int? {
        window.integer(at: offset, bytes: 4, bigEndian: bigEndian)
    }

    /// Where the next chunk begins: at the next even byte, unless a known one begins near it.
    private func nextChunk(after end: Int) -> Int {
        let even = end + end % 2
        let known: Set = [
            "fmt ", "data", "fact", "LIST", "PEAK", "bext", "cue ", "smpl", "inst", "ds64", "JUNK",
        ]
        return [even, end, even + 1, even + 2, even + 3, even + 4].first {
            window.tag(at: $0).map(known.contains) ?? false
        } ?? even
    }

    /// The length that a data chunk stands for.
    private func length(_ length: Int, from start: Int, long: Int?) -> Int? {
        if length == 0xFFFF_FFFF, let long { return long }
        // Programs that write to a pipe cannot come back to fill the length in, and leave one of these.
        if length >= 0x7FFF_F000 { return nil }
        return length == 0 && wasCutShort(at: start) ? nil : length
    }

    /// Whether the recorder had no time to fill in the length: neither is the file as long as its first length says
    /// nor do chunks follow up to its end.
    private func wasCutShort(at start: Int) -> Bool {
        guard start < window.count, let total = integer(at: 4), total + 8 < window.count - 1 else {
            return false
        }
        var position = start
        while position < window.count, let length = integer(at: position + 4),
            let tag = window.tag(at: position), tag.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
        {
            position += 8 + length + length % 2
        }
        return position != window.count && position != window.count + 1
    }

    /// - Returns: nil where neither the file nor its samples alone can be decoded.
    /// - Throws: `AudioError` where the file ends too early, or is several.
    func decoder(_ source: AudioSource) throws -> (any AudioDecoder)? {
        if let end = declaredEnd {
            try SampleExtent.require(end, of: window, source)
            let next = window.tag(at: end + end % 2) ?? ""
            guard !["RIFF", "RF64", "BW64"].contains(next) else {
                throw AudioError.unsupported(
                    "\(source)",
                    "another WAV file begins at byte \(end + end % 2), after the first one's samples: "
                        + "take them apart")
            }
            try requireNothingMore(after: end, source)
            guard kind != "RIFF" || window.count - end < 1 << 32 else {
                throw AudioError.unsupported(
                    "\(source)",
                    "is longer than a WAV header can tell: convert it, "
                        + "as in: ffmpeg -ignore_length 1 -i FILE NEW.w64")
            }
        }
        guard let format, let dataStart else { return try SoundFileDecoder.open(window, source) }
        let data = dataStart..<(declaredEnd ?? window.count)
        let coding = window.integer(at: format.lowerBound, bytes: 2, bigEndian: bigEndian) ?? 0
        if coding == 0x50 || coding == 0x55, let mpeg = MPEGStream(window[data]) {
            return try MPEGDecoder(mpeg, source)
        }
        let isPlain = kind != "BW64" && dataLength != nil
        if isPlain, let decoder = try SoundFileDecoder.open(window, source) { return decoder }
        return try SoundFileDecoder.open(plain(format, data), source)
    }

    /// Refuses a file that has more sound than its lengths say: the recorder was stopped after it wrote them.
    private func requireNothingMore(after end: Int, _ source: AudioSource) throws {
        guard let total = integer(at: 4), (end - 8...end - 7).contains(total), window.count - end >= 256
        else { return }
        let next = window.bytes(at: end + end % 2, count: 4)
        guard !next.allSatisfy({ (0x20..<0x7F).contains($0) }),
            window.bytes(at: end, count: 1 << 16).contains(where: { $0 != 0 })
        else { return }
        throw AudioError.unsupported(
            "\(source)",
            "\(window.count - end) bytes follow the samples that its header counts: its recorder was "
                + "stopped; mend the header, as in: ffmpeg -ignore_length 1 -i INPUT OUTPUT")
    }

    /// A WAV file with the same samples, and no more.
    private func plain(_ format: Range<Int>, _ data: Range<Int>) -> FileWindow {
        func number(_ value: Int) -> [UInt8] {
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: UInt32(clamping: value) >> (8 * UInt32($0))) }
            return bigEndian ? bytes.reversed() : bytes
        }
        var chunks: [FileWindow.Piece] = []
        for (tag, content) in [("fmt ", format), ("fact", fact ?? 0..<0)] where !content.isEmpty {
            chunks.append(.bytes(Array(tag.utf8) + number(content.count)))
            chunks += window.pieces(in: content)
            chunks.append(.bytes([UInt8](repeating: 0, count: content.count % 2)))
        }
        let length = min(data.count, window.count - data.lowerBound)
        chunks.append(.bytes(Array("data".utf8) + number(length)))
        chunks += window.pieces(in: data)
        let count = 4 + chunks.reduce(0) { $0 + $1.count }
        let first = Array((bigEndian ? "RIFX" : "RIFF").utf8) + number(count) + Array("WAVE".utf8)
        return window.joining([.bytes(first)] + chunks)
    }
}
