import CSndFile
import Foundation

/// A sound file open for reading, with the checks that libsndfile leaves to its caller.
final class SoundFile {
    let path: String
    let sampleRate: Int
    let channels: Int
    /// Samples per channel that `decode()` has to give: those of the part, or those that the header promises;
    /// nil where it does not tell.
    private(set) var declaredFrames: Int?
    private let isPart: Bool
    private let handle: OpaquePointer
    private let window: FileWindow

    init(_ source: AudioSource) throws {
        let path = "\(source)"
        try Self.requireReadableFile(source)
        let file = try FileWindow(source)
        let window = try source.offset.map { try file.recording(of: source, at: $0) } ?? file
        try DeclaredSize.check(window, of: source)
        var info = SF_INFO()
        // By its name where there is one: libsndfile knows some formats by it.
        let opened =
            source.offset == nil
            ? source.path.withPlatformString { sf_open($0, Int32(SFM_READ), &info) } : window.openSound(&info)
        guard let handle = opened else {
            throw AudioError.unusable(
                path, "is not audio (WAV, FLAC, Ogg or MP3), or its beginning is damaged")
        }
        self.path = path
        self.handle = handle
        self.window = window
        sampleRate = Int(info.samplerate)
        channels = Int(info.channels)
        isPart = source.part != nil
        declaredFrames = info.frames == sf_count_t.max ? nil : Int(info.frames)

        // Every Ogg page counts its samples: libsndfile knows no length only if the last page is not whole.
        let isOgg = Int(info.format) & Int(SF_FORMAT_TYPEMASK) == SF_FORMAT_OGG
        if declaredFrames == nil && isOgg {
            throw AudioError.unusable(path, "is truncated: the last page of its Ogg stream is not whole")
        }
        guard sampleRate > 0, channels > 0 else {
            throw AudioError.unusable(
                path, "has \(channels) channels at \(sampleRate) Hz: its header is damaged")
        }
        try Self.requireLength(declaredFrames ?? 0, path: path)
        if let part = source.part { try select(part, of: source) }
    }

    /// Goes to the beginning of a part, which is then all that is decoded.
    private func select(_ part: AudioSource.Part, of source: AudioSource) throws {
        guard let declaredFrames else {
            throw AudioError(
                "\(path): the recording's header does not tell its length: convert it to cut segments from it"
            )
        }
        let samples = try part.samples(of: declaredFrames, sampleRate: sampleRate, in: source)
        guard sf_seek(handle, sf_count_t(samples.lowerBound), SEEK_SET) == samples.lowerBound else {
            throw AudioError("\(path): its beginning cannot be found: convert the recording to WAV")
        }
        self.declaredFrames = samples.count
    }

    deinit {
        sf_close(handle)
    }

    /// Decodes the recording or the part, once. Returns [frames], the mean of the channels.
    func decode() throws -> [Float] {
        let chunk = max(1, 65536 / channels)
        var buffer = [Float](repeating: 0, count: chunk * channels)
        var samples: [Float] = []
        // A header can promise anything: only what a file of this size may hold is believed, up to 1 GiB.
        samples.reserveCapacity(min(declaredFrames ?? 0, 1 << 28, 32 * window.count))
        while true {
            let wanted = isPart ? min(chunk, (declaredFrames ?? 0) - samples.count) : chunk
            let frames = Int(sf_readf_float(handle, &buffer, sf_count_t(wanted)))
            guard frames > 0 else { break }
            if channels == 1 {
                samples.append(contentsOf: buffer[..<frames])
            } else {
                for frame in 0..<frames {
                    let values = buffer[frame * channels..<(frame + 1) * channels]
                    samples.append(values.reduce(0, +) / Float(channels))
                }
            }
            try Self.requireLength(samples.count, path: path)
        }
        if let declared = declaredFrames, samples.count < declared {
            throw AudioError.unusable(
                path,
                "is truncated or damaged: its header promises \(declared) samples, "
                    + "\(samples.count) can be read")
        }
        guard Int(sf_error(handle)) == SF_ERR_NO_ERROR else {
            throw AudioError.unusable(path, "is damaged: \(String(cString: sf_strerror(handle)))")
        }
        return samples
    }

    /// Tells a path that cannot be opened, is no regular file, or holds no byte.
    private static func requireReadableFile(_ source: AudioSource) throws {
        let path = "\(source)"
        var status = stat()
        guard source.path.withPlatformString({ stat($0, &status) }) == 0 else {
            throw AudioError(
                errno == ENOENT ? "\(path): no such file" : "\(path): cannot be read: \(reason(errno))")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw AudioError("\(path): is a directory, not a recording")
        default: throw AudioError("\(path): is not a regular file: write the audio to a file first")
        }
        guard source.path.withPlatformString({ access($0, R_OK) }) == 0 else {
            throw AudioError("\(path): cannot be read: \(reason(errno))")
        }
        guard status.st_size > 0 else { throw AudioError.unusable(path, "is empty: it has 0 bytes") }
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }

    private static func requireLength(_ frames: Int, path: String) throws {
        guard (0...AudioFile.longest).contains(frames) else {
            throw AudioError("\(path): is longer than \(AudioFile.longest) samples: cut it into parts")
        }
    }
}
