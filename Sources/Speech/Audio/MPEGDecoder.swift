import CMpg123
import Foundation

/// Decodes MPEG audio with libmpg123. Frames are counted before: whatever a header promises is a guess, made from
/// the size of the file or by whoever joined two, and no more than a hint that frames are missing.
final class MPEGDecoder: AudioDecoder {
    let sampleRate: Int
    let channels: Int
    let frames: Int?
    private let name: String
    private let window: FileWindow
    private let handle: OpaquePointer

    /// - Throws: `AudioError` where frames are missing, cut off or damaged.
    init(_ stream: MPEGStream, _ source: AudioSource) throws {
        (name, window) = ("\(source)", stream.window)
        let counted = try Self.count(stream, source)
        if let promised = stream.promisedFrames, counted < promised {
            throw AudioError.unusable(
                name,
                "is truncated or damaged: its header promises \(promised) MPEG frames, it has \(counted)")
        }
        handle = try Self.open(window, name)
        var (rate, channels, encoding) = (0, Int32(0), Int32(0))
        let isKnown =
            Int(mpg123_getformat(handle, &rate, &channels, &encoding)) == MPG123_OK.value
            && Int(mpg123_scan(handle)) == MPG123_OK.value
        (sampleRate, self.channels) = (rate, Int(channels))
        let length = isKnown ? Int(mpg123_length(handle)) : -1
        frames = length >= 0 ? length : nil
        // Every property has its value from here on, so that `deinit` deletes the handle whatever is thrown.
        guard isKnown else { throw Self.failure(handle, window, name) }
        try window.file.check()
    }

    deinit { mpg123_delete(handle) }

    func read(_ buffer: UnsafeMutableBufferPointer<Float>) throws -> Int {
        let frame = channels * MemoryLayout<Float>.stride
        var bytes = 0
        let room = buffer.count / channels * frame
        let code = Int(mpg123_read(handle, buffer.baseAddress, room, &bytes))
        try window.file.check()
        if code == MPG123_NEW_FORMAT.value {
            var (rate, count, encoding) = (0, Int32(0), Int32(0))
            mpg123_getformat(handle, &rate, &count, &encoding)
            guard rate == sampleRate, Int(count) == channels else {
                throw AudioError.unsupported(
                    name,
                    "changes from \(channels) channels at \(sampleRate) Hz to \(count) at \(rate) Hz: "
                        + "take its parts apart, or convert it")
            }
            return bytes > 0 ? bytes / frame : try read(buffer)
        }
        guard code == MPG123_OK.value || code == MPG123_DONE.value else {
            throw Self.failure(handle, window, name)
        }
        return bytes / frame
    }

    func seek(to frame: Int) throws -> Bool {
        let place = mpg123_seek(handle, off_t(frame), SEEK_SET)
        try window.file.check()
        return place == frame
    }

    /// The frames of sound; the first one is not, if it is there to promise others.
    private static func count(_ stream: MPEGStream, _ source: AudioSource) throws -> Int {
        let window = stream.window
        let handle = try open(window, "\(source)")
        defer { mpg123_delete(handle) }
        // Else the frames of the encoder's delay are passed over.
        mpg123_param(handle, MPG123_REMOVE_FLAGS, Int(MPG123_GAPLESS.value), 0)
        var (count, end) = (0, 0)
        while true {
            let code = Int(mpg123_framebyframe_next(handle))
            guard code == MPG123_OK.value || code == MPG123_NEW_FORMAT.value else { break }
            var info = mpg123_frameinfo()
            let start = Int(mpg123_framepos(handle))
            mpg123_info(handle, &info)
            if count > 0 { try requireTags(window, from: end, to: start, source) }
            count += 1
            end = start + Int(info.framesize)
        }
        try window.file.check()
        guard count > 0 else { throw AudioError.unusable("\(source)", "has no MPEG audio frames") }
        if end > window.count || MPEGStream.header(window, at: end) != nil {
            throw AudioError.unusable("\(source)", "is truncated: its last MPEG audio frame is not whole")
        }
        return count
    }

    /// Refuses what lies between two frames if it is no tag.
    private static func requireTags(
        _ window: FileWindow, from end: Int, to start: Int, _ source: AudioSource
    ) throws {
        var position = end
        while position < start, let length = MPEGStream.tagLength(window, at: position) { position += length }
        guard position >= start else {
            throw AudioError.unusable(
                "\(source)", "is damaged: \(start - position) bytes that are no MPEG audio, inside its sound")
        }
    }

    /// The window has to live as long as the handle.
    private static func open(_ window: FileWindow, _ name: String) throws -> OpaquePointer {
        _ = window.seek(0, SEEK_SET)
        mpg123_init()
        guard let handle = mpg123_new(nil, nil) else {
            throw AudioError.unsupported(name, "cannot be decoded: libmpg123 cannot start")
        }
        let quiet = Int(MPG123_QUIET.value | MPG123_FORCE_FLOAT.value)
        mpg123_param(handle, MPG123_ADD_FLAGS, quiet, 0)
        // However long the tag between two joined files.
        mpg123_param(handle, MPG123_RESYNC_LIMIT, -1, 0)
        mpg123_replace_reader_handle(
            handle, { FileWindow.from($0).readOn($1, $2) },
            { off_t(FileWindow.from($0).seek(Int($1), $2)) }, nil)
        guard Int(mpg123_open_handle(handle, Unmanaged.passUnretained(window).toOpaque())) == MPG123_OK.value
        else {
            defer { mpg123_delete(handle) }
            throw failure(handle, window, name)
        }
        return handle
    }

    private static func failure(_ handle: OpaquePointer, _ window: FileWindow, _ name: String) -> any Error {
        do { try window.file.check() } catch { return error }
        let reason = mpg123_strerror(handle).map { String(cString: $0) } ?? "no reason is known"
        return AudioError.unusable(name, "is damaged: \(reason)")
    }
}

extension mpg123_errors { fileprivate var value: Int { Int(rawValue) } }
extension mpg123_param_flags { fileprivate var value: Int { Int(rawValue) } }
