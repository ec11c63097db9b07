/// The samples of one recording at the rate that is needed, block by block: the mean of its channels in float32, as
/// in fairseq, and finite. 16-bit samples become value/32768 exactly.
///
/// Whatever the length of the recording, memory is that of a block.
final class SampleStream {
    let sampleRate: Int
    let channels: Int
    /// How many samples there will be; nil where only decoding tells.
    let count: Int?
    /// Whether any channel had a sample that is not zero, so far.
    private(set) var hasSound = false
    /// Whether the mean of the channels was zero throughout, so far.
    private(set) var isSilent = true

    private let name: String
    private let decoder: any AudioDecoder
    /// Of the recording, the frames that are wanted; nil: all to the end.
    private let part: Range<Int>?
    private let converter: RateConverter?

    /// - Parameters:
    ///   - sampleRate: the rate that is needed, in samples per second.
    ///   - resample: convert another rate instead of refusing it. A part of a recording is cut out first.
    /// - Throws: `AudioError`.
    init(_ source: AudioSource, sampleRate: Int, resample: Bool) throws {
        name = "\(source)"
        decoder = try AudioDecoders.open(source)
        channels = decoder.channels
        self.sampleRate = sampleRate
        try AudioFile.requireRate(sampleRate, of: decoder.sampleRate, path: name, resample: resample)
        part = try Self.part(of: source, decoder)
        let frames = part?.count ?? decoder.frames
        let (from, to) = (decoder.sampleRate, sampleRate)
        count = frames.map { Resampler.outputCount($0, from: from, to: to) }
        try AudioFile.requireLength(max(frames ?? 0, count ?? 0), path: name)
        converter =
            decoder.sampleRate == sampleRate
            ? nil : try RateConverter(from: decoder.sampleRate, to: sampleRate, path: name)
    }

    /// Length, rate and channels of the recording or its part, at its own rate. Where the file does not tell its
    /// length for certain it is decoded to count.
    /// - Throws: `AudioError`.
    static func info(_ source: AudioSource) throws -> AudioInfo {
        let decoder = try AudioDecoders.open(source)
        let frames = try part(of: source, decoder)?.count ?? length(of: decoder, "\(source)")
        try AudioFile.requireLength(frames, path: "\(source)")
        guard frames > 0 else { throw AudioError.unusable("\(source)", "is empty: it has no samples") }
        return AudioInfo(frames: frames, sampleRate: decoder.sampleRate, channels: decoder.channels)
    }

    /// The frames of the part that a source names; nil for all.
    private static func part(of source: AudioSource, _ decoder: any AudioDecoder) throws -> Range<Int>? {
        guard let part = source.part else { return nil }
        var whole = source
        whole.part = nil
        // Another decoder counts: this one has to begin at the beginning.
        let frames = try decoder.frames ?? length(of: AudioDecoders.open(whole), "\(whole)")
        return try part.samples(of: frames, sampleRate: decoder.sampleRate, in: source)
    }

    private static func length(of decoder: any AudioDecoder, _ name: String) throws -> Int {
        if let frames = decoder.frames { return frames }
        var count = 0
        let buffer = blockBuffer(channels: decoder.channels)
        defer { buffer.deallocate() }
        while case let frames = try decoder.read(buffer), frames > 0 {
            count += frames
            try AudioFile.requireLength(count, path: name)
        }
        return count
    }

    /// Decodes all, once.
    /// - Parameter body: gets the next samples.
    /// - Throws: `AudioError`, and what `body` throws.
    func forEachBlock(_ body: (UnsafeBufferPointer<Float>) throws -> Void) throws {
        let buffer = Self.blockBuffer(channels: channels)
        defer { buffer.deallocate() }
        let first = part?.lowerBound ?? 0
        if try !decoder.seek(to: first) { try skip(first, buffer) }
        var done = 0
        while true {
            let wanted = min(buffer.count / channels, (part?.count ?? .max) - done)
            let frames =
                wanted == 0
                ? 0 : try decoder.read(UnsafeMutableBufferPointer(rebasing: buffer[..<(wanted * channels)]))
            guard frames > 0 else { break }
            try mix(buffer, frames: frames, first: done)
            done += frames
            try AudioFile.requireLength(done, path: name)
            let block = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<frames])
            if let converter { try converter.convert(block, body) } else { try body(block) }
        }
        if let expected = part?.count ?? decoder.frames, done < expected {
            throw AudioError.unusable(
                name,
                "is truncated or damaged: its header promises \(expected) samples, \(done) can be read")
        }
        guard done > 0 else { throw AudioError.unusable(name, "is empty: it has no samples") }
        try converter?.finish(body)
    }

    private static func blockBuffer(channels: Int) -> UnsafeMutableBufferPointer<Float> {
        .allocate(capacity: max(1, 65536 / channels) * channels)
    }

    private func skip(_ count: Int, _ buffer: UnsafeMutableBufferPointer<Float>) throws {
        var left = count
        while left > 0 {
            let wanted = min(left, buffer.count / channels) * channels
            let frames = try decoder.read(UnsafeMutableBufferPointer(rebasing: buffer[..<wanted]))
            guard frames > 0 else { return }
            left -= frames
        }
    }

    /// Leaves the mean of the channels at the beginning of the buffer.
    private func mix(_ buffer: UnsafeMutableBufferPointer<Float>, frames: Int, first: Int) throws {
        var anyValue = false
        var anyMean = false
        for frame in 0..<frames {
            var sum: Float = channels == 1 ? buffer[frame] : 0
            if channels > 1 {
                for channel in 0..<channels {
                    let value = buffer[frame * channels + channel]
                    sum += value
                    anyValue = anyValue || value != 0
                }
                sum /= Float(channels)
                buffer[frame] = sum
            }
            guard sum.isFinite else {
                let value = sum.isNaN ? "NaN" : "infinite"
                throw AudioError.unusable(name, "is damaged: sample \(first + frame) is \(value)")
            }
            anyMean = anyMean || sum != 0
        }
        hasSound = hasSound || anyValue || anyMean
        isSilent = isSilent && !anyMean
    }
}
