extension FileWindow {
    /// The recording that begins at a byte of an archive, as Kaldi (a WAV file) and the kaldiio package (`AUDIO`,
    /// one byte with the number of bytes of the length, the little-endian length, then a file of any format)
    /// write them.
    func recording(of source: AudioSource, at offset: Int) throws -> FileWindow {
        guard offset >= 0, offset < count else {
            throw AudioError.unsupported(
                "\(source)", "the archive has only \(count) bytes: fetch it again, or make its list anew")
        }
        let marker = bytes(at: offset, count: 6)
        let rest = self[offset..<count]
        if let wave = WaveFile(rest) {
            guard let end = wave.declaredEnd else {
                throw AudioError.unusable(
                    "\(source)", "does not tell its length, as a WAV in an archive must")
            }
            // Where the file is shorter the check of declared sizes will say so.
            return rest[0..<end]
        }
        if marker.starts(with: "AUDIO".utf8), let digits = marker.last.map(Int.init), (1...7).contains(digits)
        {
            let begin = offset + 6 + digits
            let length = integer(at: offset + 6, bytes: digits, bigEndian: false) ?? .max
            guard begin <= count, length <= count - begin else {
                throw AudioError.unusable(
                    "\(source)", "is truncated: it has \(length) bytes, the archive ends before")
            }
            return self[begin..<begin + length]
        }
        throw AudioError.unsupported(
            "\(source)", "no WAV begins at this byte of the archive: make its list anew")
    }
}
