/// Files with sound that only FFmpeg reads, known by their first bytes.
struct ForeignContainer {
    /// For people: "an MP4 file".
    let name: String

    init?(_ window: FileWindow) {
        guard let name = Self.name(window) else { return nil }
        self.name = name
    }

    private static func name(_ window: FileWindow) -> String? {
        switch window.tag(at: 4) {
        case "ftyp", "moov", "mdat", "wide", "free", "skip": return "an MP4 or QuickTime file"
        default: break
        }
        switch window.tag(at: 0) {
        case "RIFF", "RIFX":
            if window.begins(with: "AVI ", at: 8) { return "an AVI file" }
            return WaveFile(window)?.hasForeignCoding ?? false ? "a WAV file of a coding unknown here" : nil
        case "FORM": return "an AIFF file of a coding unknown here"
        case "caff": return "a CAF file of a coding unknown here"
        case "OggS": return "an Ogg file that is not Vorbis, Opus or FLAC"
        case "NIST": return "a SPHERE file that is compressed"
        case "MAC ": return "a Monkey's Audio file"
        case "wvpk": return "a WavPack file"
        case "TTA1": return "a True Audio file"
        case "DSD ", "FRM8": return "a DSD file"
        case "MPCK": return "a Musepack file"
        case ".RMF": return "a RealMedia file"
        default: break
        }
        let first = window.bytes(at: 0, count: 16)
        func begins(_ bytes: [UInt8]) -> Bool { first.starts(with: bytes) }
        if begins([0x1A, 0x45, 0xDF, 0xA3]) { return "a WebM or Matroska file" }
        if begins([0x30, 0x26, 0xB2, 0x75]) { return "a Windows Media file" }
        if begins(Array("#!AMR".utf8)) { return "an AMR file" }
        if begins(Array("FLV".utf8)) { return "an FLV file" }
        if begins(Array("MP+".utf8)) { return "a Musepack file" }
        if begins([0, 0, 1, 0xBA]) { return "an MPEG video" }
        if begins([0x47]), window.begins(with: "G", at: 188), window.begins(with: "G", at: 376) {
            return "an MPEG video"
        }
        if begins([0x0B, 0x77]) { return "an AC-3 file" }
        if first.count > 1, first[0] == 0xFF, first[1] & 0xF6 == 0xF0 { return "an AAC file" }
        return nil
    }
}
