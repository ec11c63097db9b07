import CSndFile
import Foundation
import SystemPackage

/// Decodes with libsndfile.
final class SoundFileDecoder: AudioDecoder {
    let sampleRate: Int
    let channels: Int
    private(set) var frames: Int?
    private let name: String
    private let handle: OpaquePointer
    private let window: FileWindow

    /// - Parameters:
    ///   - headerless: what the bytes are if they have no header that libsndfile knows.
    ///   - countsSamples: whether the length in the header is to be believed.
    /// - Returns: nil where libsndfile does not know the bytes.
    /// - Throws: `AudioError` where they cannot be read.
    static func open(
        _ window: FileWindow, _ source: AudioSource, headerless: HeaderlessFormat? = nil,
        countsSamples: Bool = true
    ) throws -> SoundFileDecoder? {
        func open(as format: HeaderlessFormat?) throws -> SoundFileDecoder? {
            _ = window.seek(0, SEEK_SET)
            var info = SF_INFO()
            if let format {
                (info.format, info.samplerate, info.channels) = (format.code, format.sampleRate, 1)
            }
            let decoder = handle(window, &info).map {
                SoundFileDecoder($0, info, window, name: "\(source)", countsSamples: countsSamples)
            }
            try window.file.check()
            return decoder
        }
        return try open(as: nil) ?? headerless.flatMap { try open(as: $0) }
    }

    private init(
        _ handle: OpaquePointer, _ info: SF_INFO, _ window: FileWindow, name: String, countsSamples: Bool
    ) {
        (self.handle, self.window, self.name) = (handle, window, name)
        (sampleRate, channels) = (Int(info.samplerate), Int(info.channels))
        frames = countsSamples && info.frames != sf_count_t.max ? Int(info.frames) : nil
    }

    deinit { sf_close(handle) }

    /// The window has to live as long as the handle.
    private static func handle(_ window: FileWindow, _ info: inout SF_INFO) -> OpaquePointer? {
        var callbacks = SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(FileWindow.from($0).count) },
            seek: { sf_count_t(FileWindow.from($2).seek(Int($0), $1)) },
            read: { sf_count_t(FileWindow.from($2).readOn($0, Int($1))) },
            write: { _, _, _ in 0 },
            tell: { sf_count_t(FileWindow.from($0).offset) })
        return sf_open_virtual(
            &callbacks, Int32(SFM_READ), &info, Unmanaged.passUnretained(window).toOpaque())
    }

    func read(_ buffer: UnsafeMutableBufferPointer<Float>) throws -> Int {
        let count = Int(sf_readf_float(handle, buffer.baseAddress, sf_count_t(buffer.count / channels)))
        try window.file.check()
        if count <= 0, Int(sf_error(handle)) != SF_ERR_NO_ERROR {
            throw AudioError.unusable(name, "is damaged: \(String(cString: sf_strerror(handle)))")
        }
        return max(0, count)
    }

    func seek(to frame: Int) throws -> Bool {
        let place = sf_seek(handle, sf_count_t(frame), SEEK_SET)
        try window.file.check()
        return place == frame
    }
}

/// What libsndfile knows by its suffix alone: telephone speech without a header.
struct HeaderlessFormat {
    let code: Int32
    let sampleRate: Int32

    init?(suffixOf path: FilePath) {
        let formats = ["gsm": (SF_FORMAT_GSM610, 8000), "vox": (SF_FORMAT_VOX_ADPCM, 8000)]
        guard let suffix = path.extension, let (coding, rate) = formats[suffix.lowercased()] else {
            return nil
        }
        (code, sampleRate) = (Int32(SF_FORMAT_RAW | coding), Int32(rate))
    }
}
