/// Decodes one recording, from its beginning to its end.
protocol AudioDecoder: AnyObject {
    /// In samples per second.
    var sampleRate: Int { get }
    var channels: Int { get }
    /// Samples per channel that the file has for certain; nil where only decoding tells.
    var frames: Int? { get }

    /// Decodes on.
    /// - Parameter buffer: room for a whole number of frames; gets the channels of a frame side by side.
    /// - Returns: frames, 0 at the end.
    /// - Throws: `AudioError` for what is damaged or cannot be read.
    func read(_ buffer: UnsafeMutableBufferPointer<Float>) throws -> Int

    /// Goes to a frame, from the beginning.
    /// - Returns: false where that is not possible but by decoding.
    func seek(to frame: Int) throws -> Bool
}

extension AudioDecoder {
    func seek(to frame: Int) throws -> Bool { frame == 0 }
}

/// Finds the decoder of a recording by its first bytes.
enum AudioDecoders {
    /// - Throws: `AudioError` where it cannot be read, is truncated, or is not audio.
    static func open(_ source: AudioSource) throws -> any AudioDecoder {
        let file = try FileWindow(source)
        let window = try source.offset.map { try file.recording(of: source, at: $0) } ?? file
        let decoder = try find(window, source)
        try window.file.check()
        guard let decoder else { throw notAudio(source) }
        guard decoder.sampleRate > 0, decoder.channels > 0 else {
            throw AudioError.unusable(
                "\(source)",
                "has \(decoder.channels) channels at \(decoder.sampleRate) Hz: its header is damaged")
        }
        return decoder
    }

    /// Containers whose headers may come after any number of other bytes: RIFF and its like, W64, FLAC, AIFF, CAF.
    private static let containers = ["RIFF", "RIFX", "RF64", "BW64", "riff", "fLaC", "FORM", "caff"]

    /// Refuses what cannot be the beginning of a recording, of which the rest has yet to come.
    /// - Throws: `AudioError`.
    static func requireBeginning(_ window: FileWindow, _ source: AudioSource) throws {
        guard MPEGStream.leadingTags(window) < window.count, ForeignContainer(window) == nil,
            !containers.contains(where: { window.begins(with: $0, at: 0) }),
            // HTK's waveforms, two bytes a sample, have no mark, and a header that tells their length.
            window.bytes(at: 8, count: 4) != [0, 2, 0, 0]
        else { return }
        let decoder: (any AudioDecoder)?
        do { decoder = try find(window, source) } catch { return }  // Truncated, of course.
        if decoder == nil { throw notAudio(source) }
    }

    private static func notAudio(_ source: AudioSource) -> AudioError {
        AudioError.unusable(
            "\(source)", "is not audio (WAV, FLAC, Ogg or MP3), or its beginning is damaged")
    }

    private static func find(_ whole: FileWindow, _ source: AudioSource) throws -> (any AudioDecoder)? {
        if let mpeg = MPEGStream(whole) { return try MPEGDecoder(mpeg, source) }
        let window = whole[MPEGStream.leadingTags(whole)..<whole.count]
        if let stream = try OggStream(window, source) {
            if let decoder = try stream.decoder() { return decoder }
        } else if let wave = WaveFile(window) {
            if let decoder = try wave.decoder(source) { return decoder }
        } else if let flac = try FLACDecoder(window, source) {
            return flac
        } else {
            try SampleExtent.check(window, source)
            let repaired = SampleExtent.withKnownLength(window)
            if let decoder = try SoundFileDecoder.open(repaired, source) { return decoder }
        }
        if let kind = ForeignContainer(window) { return try FFmpegDecoder(kind, window.file, source) }
        return try SoundFileDecoder.open(window, source, headerless: HeaderlessFormat(suffixOf: source.path))
    }
}
