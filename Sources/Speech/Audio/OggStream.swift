/// An Ogg file: one link after the other, each of streams whose pages are mixed. Of each link the first stream
/// that libsndfile or libFLAC can decode is used.
///
/// libsndfile reads the first link alone and passes over pages that are damaged or missing: the pages are checked
/// here, and each link is decoded as a file of its own.
struct OggStream {
    private enum Coding { case vorbis, opus, flac }

    private struct Link {
        var coding: Coding?
        var serial = 0
        var pages: [OggPage] = []
    }

    private let window: FileWindow
    private let source: AudioSource
    private var links: [Link] = []

    /// - Returns: nil where the bytes are not Ogg.
    /// - Throws: `AudioError` where a page is cut off, damaged or missing.
    init?(_ window: FileWindow, _ source: AudioSource) throws {
        guard window.begins(with: "OggS") else { return nil }
        (self.window, self.source) = (window, source)
        var position = 0
        var isHeading = false
        while position < window.count, !isPadding(position) {
            let page = try OggPage(window, at: position, source)
            position = page.end
            if page.beginsStream {
                if !isHeading { links.append(Link()) }
                try begin(page)
            }
            isHeading = page.beginsStream
            try add(page)
        }
        for link in links where link.pages.last?.isOpen ?? false {
            throw AudioError.unusable(
                "\(source)", "is truncated: the last packet of its Ogg stream is not whole")
        }
    }

    /// A tag or zeros at the end.
    private func isPadding(_ position: Int) -> Bool {
        let rest = window.count - position
        if rest == 128, window.begins(with: "TAG", at: position) { return true }
        return rest < 1 << 16 && window.bytes(at: position, count: rest).allSatisfy { $0 == 0 }
    }

    private mutating func begin(_ page: OggPage) throws {
        guard links[links.count - 1].coding == nil else { return }
        let codings: [(String, Coding)] = [
            ("\u{1}vorbis", .vorbis), ("OpusHead", .opus), ("\u{7F}FLAC", .flac),
        ]
        let coding = codings.first { window.begins(with: $0.0, at: page.body.lowerBound) }?.1
        (links[links.count - 1].coding, links[links.count - 1].serial) = (coding, page.serial)
    }

    private mutating func add(_ page: OggPage) throws {
        guard let link = links.last, link.coding != nil, link.serial == page.serial else { return }
        if let last = link.pages.last, page.sequence != (last.sequence + 1) & 0xFFFF_FFFF {
            throw AudioError.unusable(
                "\(source)", "is damaged: pages of its Ogg stream are missing before byte \(page.start)")
        }
        links[links.count - 1].pages.append(page)
    }

    /// - Returns: nil where no link has a stream that can be decoded here.
    /// - Throws: `AudioError`.
    func decoder() throws -> (any AudioDecoder)? {
        guard links.contains(where: { $0.coding != nil }) else { return nil }
        let decoders = try links.map { link in
            guard link.coding != nil, let decoder = try decoder(of: link) else {
                throw AudioError.unusable(
                    "\(source)", "has an Ogg stream that is not Vorbis, Opus or FLAC, or is damaged")
            }
            return decoder
        }
        return decoders.count == 1 ? decoders[0] : try ChainedDecoder(decoders, source)
    }

    private func decoder(of link: Link) throws -> SoundFileDecoder? {
        guard link.coding == .flac else {
            let pieces = link.pages.flatMap { window.pieces(in: $0.start..<$0.end) }
            // The last page counts the samples only if the stream was ended.
            return try SoundFileDecoder.open(
                window.joining(pieces), source, countsSamples: link.pages.last?.endsStream ?? false)
        }
        // The packets of FLAC in Ogg are those of a FLAC file, behind nine bytes of the first one.
        guard let first = link.pages.first, first.bodyCount > 9 else { return nil }
        var pieces = window.pieces(in: first.body.lowerBound + 9..<first.end)
        pieces += link.pages.dropFirst().flatMap { window.pieces(in: $0.body) }
        return try SoundFileDecoder.open(window.joining(pieces), source)
    }
}

/// Several recordings, one after the other.
final class ChainedDecoder: AudioDecoder {
    let sampleRate: Int
    let channels: Int
    let frames: Int?
    private var decoders: [any AudioDecoder]

    /// - Throws: `AudioError` where they differ in rate or channels.
    init(_ decoders: [any AudioDecoder], _ source: AudioSource) throws {
        self.decoders = decoders
        (sampleRate, channels) = (decoders[0].sampleRate, decoders[0].channels)
        let lengths = decoders.compactMap(\.frames)
        frames = lengths.count == decoders.count ? lengths.reduce(0, +) : nil
        for other in decoders where other.sampleRate != sampleRate || other.channels != channels {
            throw AudioError.unsupported(
                "\(source)",
                "changes from \(channels) channels at \(sampleRate) Hz to \(other.channels) at "
                    + "\(other.sampleRate) Hz: take its parts apart, or convert it")
        }
    }

    func read(_ buffer: UnsafeMutableBufferPointer<Float>) throws -> Int {
        while let decoder = decoders.first {
            let count = try decoder.read(buffer)
            if count > 0 { return count }
            decoders.removeFirst()
        }
        return 0
    }
}
