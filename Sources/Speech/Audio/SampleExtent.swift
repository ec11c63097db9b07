/// Where the samples of a file lie, as its header says: libsndfile takes a file that ends before for a shorter
/// one, and so does whoever uses it. One rule for each container; FLAC, Ogg and MPEG show it when they are decoded,
/// and IRCAM, PAF, PVF and headerless files say nothing.
struct SampleExtent {
    var start: Int
    /// In bytes; nil where the header does not tell.
    var count: Int?

    /// - Throws: `AudioError` where the file is shorter than its header says, or has more than none.
    static func check(_ window: FileWindow, _ source: AudioSource) throws {
        guard let extent = SampleExtent(window), let count = extent.count else { return }
        let (end, overflow) = extent.start.addingReportingOverflow(count)
        try require(overflow ? .max : end, of: window, source)
        guard count > 0 || window.count - extent.start < 256 else {
            throw AudioError.unsupported(
                "\(source)",
                "its header counts no samples, but \(window.count - extent.start) bytes follow: its "
                    + "recorder was stopped; mend the header or record again")
        }
    }

    /// - Parameter end: the byte after the last that the header stands for.
    static func require(_ end: Int, of window: FileWindow, _ source: AudioSource) throws {
        guard end <= window.count else {
            throw AudioError.unusable(
                "\(source)",
                "is truncated: its header promises \(end) bytes, the file has \(window.count)")
        }
    }

    init(start: Int, count: Int?) { (self.start, self.count) = (start, count) }

    init?(_ window: FileWindow) {
        guard let extent = Self.chunked(window) ?? Self.fixed(window) ?? Self.walked(window) else {
            return nil
        }
        self = extent
    }

    /// The same file, with the length of its samples in the header: Core Audio leaves it out while it records.
    static func withKnownLength(_ window: FileWindow) -> FileWindow {
        guard window.begins(with: "caff"), let extent = SampleExtent(window), extent.count == nil else {
            return window
        }
        let length = UInt64(window.count - extent.start)
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64(7 - $0))) }
        return window.joining(
            window.pieces(in: 0..<extent.start - 8) + [.bytes(bytes)]
                + window.pieces(in: extent.start..<window.count))
    }

    /// Files of chunks, one of which has the samples.
    private static func chunked(_ window: FileWindow) -> SampleExtent? {
        switch window.tag(at: 0) {
        case "RIFF" where window.begins(with: "AVI ", at: 8):
            let size = window.integer(at: 4, bytes: 4, bigEndian: false) ?? 0
            return SampleExtent(start: 12, count: size > 4 && size < 0xFFFF_FFFF ? size - 4 : nil)
        case "FORM":
            let samples = ["8SVX", "16SV"].contains(window.tag(at: 8)) ? "BODY" : "SSND"
            return ChunkLayout(first: 12, samples: Array(samples.utf8)).samples(window)
        case "caff":
            return ChunkLayout(first: 8, sizeBytes: 8, alignment: 1, samples: Array("data".utf8)).samples(
                window)
        case "riff":
            var layout = ChunkLayout(first: 40, sizeBytes: 8, alignment: 8, samples: Array("data".utf8))
            (layout.tagBytes, layout.bigEndian, layout.sizeCountsHeader) = (16, false, true)
            return layout.samples(window)
        default: return nil
        }
    }

    /// Files whose length stands in a fixed place.
    private static func fixed(_ window: FileWindow) -> SampleExtent? {
        func big(_ offset: Int, _ bytes: Int = 4) -> Int {
            window.integer(at: offset, bytes: bytes, bigEndian: true) ?? 0
        }
        func little(_ offset: Int, _ bytes: Int = 4) -> Int {
            window.integer(at: offset, bytes: bytes, bigEndian: false) ?? 0
        }
        switch window.tag(at: 0) {
        case ".snd":
            return SampleExtent(start: big(4), count: big(8) == 0xFFFF_FFFF ? nil : big(8))
        case "dns.":
            return SampleExtent(start: little(4), count: little(8) == 0xFFFF_FFFF ? nil : little(8))
        case "2BIT":
            let width = (big(12, 2) == 0 ? 1 : 2) * ((big(14, 2) + 7) / 8)
            return SampleExtent(start: 128, count: big(26) * width)
        case "ALaw" where window.begins(with: "ALawSoundFile**"):
            return SampleExtent(start: 32, count: big(18))
        case "NIST":
            return sphere(window)
        case "Exte" where window.begins(with: "Extended Instrument: "):
            let samples = little(296, 2)
            let lengths = (0..<min(samples, 16)).map { little(298 + 40 * $0) }
            // libsndfile writes no length.
            let count = lengths.reduce(0, +)
            return SampleExtent(start: 298 + 40 * samples, count: count > 0 ? count : nil)
        default: break
        }
        let first = window.bytes(at: 0, count: 4)
        if first.starts(with: [1, 4]), window.count >= 42, little(40, 2) >= 1000 {
            return SampleExtent(start: 42, count: little(30) * 2 * (1 + little(21, 1) % 2))
        }
        if first.starts(with: [0xF0, 0x7E]), first.count == 4, first[3] == 1 {
            // A MIDI sample dump: packets of 127 bytes with 120 of samples, of seven bits each.
            let words = little(10, 1) | little(11, 1) << 7 | little(12, 1) << 14
            let perPacket = 120 / max(1, (little(6, 1) + 6) / 7)
            return SampleExtent(start: 21, count: (words + perPacket - 1) / max(1, perPacket) * 127)
        }
        return nil
    }

    /// The text that begins a SPHERE file: `sample_count -i 4000` and more such lines.
    private static func sphere(_ window: FileWindow) -> SampleExtent? {
        let lines = String(decoding: window.bytes(at: 0, count: 1 << 14), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 2, let start = Int(lines[1].drop { $0 == " " }) else { return nil }
        func value(_ name: String) -> Int? {
            let fields = lines.lazy.map { $0.split(separator: " ") }.first {
                $0.first == name[...] && $0.count > 2
            }
            return fields.flatMap { Int($0[2]) }
        }
        guard let samples = value("sample_count") else { return SampleExtent(start: start, count: nil) }
        let bytes = (value("channel_count") ?? 1).multipliedReportingOverflow(
            by: value("sample_n_bytes") ?? 1)
        let total = samples.multipliedReportingOverflow(by: bytes.partialValue)
        return SampleExtent(
            start: start, count: bytes.overflow || total.overflow || samples < 0 ? .max : total.partialValue)
    }

    /// Files of parts that each tell their length, to the last.
    private static func walked(_ window: FileWindow) -> SampleExtent? {
        if window.begins(with: "Creative Voice File") {
            return walk(window, from: window.integer(at: 20, bytes: 2, bigEndian: false) ?? 26) { position in
                guard let kind = window.bytes(at: position, count: 1).first, kind != 0 else { return nil }
                return window.integer(at: position + 1, bytes: 3, bigEndian: false).map { 4 + $0 }
            }
        }
        if window.begins(with: "MATLAB 5.0 MAT-file"), window.count > 128 {
            let bigEndian = window.begins(with: "MI", at: 126)
            return walk(window, from: 128) { position in
                guard let size = window.integer(at: position + 4, bytes: 4, bigEndian: bigEndian) else {
                    return nil
                }
                // libsndfile writes the size of a matrix too large: its last part has that of the samples.
                let isMatrix = window.integer(at: position, bytes: 4, bigEndian: bigEndian) == 14
                let exact =
                    8 + (isMatrix ? matrixParts(window, position + 8, size, bigEndian: bigEndian) : size)
                let padded = (exact + 7) / 8 * 8
                return padded <= window.count - position ? padded : exact
            }
        }
        // MATLAB 4: libsndfile writes the rate as a matrix of doubles first.
        let codes: [(first: [UInt8], bigEndian: Bool)] = [([0, 0, 3, 0xE8], true), ([0, 0, 0, 0], false)]
        guard let bigEndian = codes.first(where: { $0.first == window.bytes(at: 0, count: 4) })?.bigEndian,
            window.begins(with: "samplerate", at: 20)
        else { return nil }
        return walk(window, from: 0) { position in
            func field(_ index: Int) -> Int {
                window.integer(at: position + 4 * index, bytes: 4, bigEndian: bigEndian) ?? 0
            }
            guard position + 20 <= window.count else { return nil }
            let width = [8, 4, 4, 2, 2, 1, 1, 1, 1, 1][field(0) / 10 % 10]
            let (values, overflow) = field(1).multipliedReportingOverflow(by: field(2))
            return overflow || values > 1 << 50 ? 1 << 60 : 20 + field(4) + values * width
        }
    }

    /// Bytes of the parts of a matrix in MATLAB's format 5: each begins at a multiple of eight; small ones are
    /// eight bytes with their size in the upper half of the tag.
    private static func matrixParts(_ window: FileWindow, _ start: Int, _ count: Int, bigEndian: Bool) -> Int
    {
        var (position, end) = (start, start)
        while position < min(start + count, window.count),
            let tag = window.integer(at: position, bytes: 4, bigEndian: bigEndian),
            let size = window.integer(at: position + 4, bytes: 4, bigEndian: bigEndian)
        {
            end = position + 8 + (tag >> 16 == 0 ? size : 0)
            position = (end - start + 7) / 8 * 8 + start
        }
        return end - start
    }

    private static func walk(_ window: FileWindow, from start: Int, size: (Int) -> Int?) -> SampleExtent {
        var position = start
        while position < window.count, let size = size(position) { position += max(size, 1) }
        return SampleExtent(start: start, count: position - start)
    }
}
