import CSndFile
import Foundation

/// A file, or a range of its bytes, open for reading.
final class FileWindow {
    /// In bytes.
    let count: Int
    private let start: Int
    private let descriptor: Int32
    /// Whose descriptor it is, for a part of a file.
    private let owner: FileWindow?
    /// Where libsndfile reads next.
    private var position = 0

    /// Opens a whole file.
    init(_ source: AudioSource) throws {
        let descriptor = source.path.withPlatformString { open($0, O_RDONLY | O_CLOEXEC) }
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw AudioError("\(source): cannot be read: \(reason)")
        }
        (self.descriptor, owner, start, count) = (descriptor, nil, 0, Int(status.st_size))
    }

    /// A range of a window's bytes, which has to be inside it.
    private init(_ whole: FileWindow, _ range: Range<Int>) {
        (descriptor, owner) = (whole.descriptor, whole)
        (start, count) = (whole.start + range.lowerBound, range.count)
    }

    deinit { if owner == nil { close(descriptor) } }

    /// Up to `count` bytes from `offset` on: fewer where the window ends.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        guard offset >= 0, offset < self.count else { return [] }
        return [UInt8](unsafeUninitializedCapacity: min(count, self.count - offset)) { buffer, initialized in
            initialized = read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        let wanted = min(buffer.count, count - offset)
        var done = 0
        while done < wanted {
            let got = pread(
                descriptor, buffer.baseAddress.map { $0 + done }, wanted - done, off_t(start + offset + done))
            if got > 0 {
                done += got
            } else if got == 0 || errno != EINTR {
                break
            }
        }
        return done
    }
}

extension FileWindow {
    /// The recording that begins at a byte of an archive, as Kaldi (a WAV file) and the kaldiio package (`AUDIO`,
    /// one byte with the number of bytes of the length, the little-endian length, then a file of any format)
    /// write them.
    func recording(of source: AudioSource, at offset: Int) throws -> FileWindow {
        guard offset >= 0, offset < count else {
            throw AudioError(
                "\(source): the archive has only \(count) bytes: fetch it again, or make its list anew")
        }
        let marker = bytes(at: offset, count: 6)
        if ["RIFF", "RIFX", "RF64"].contains(String(decoding: marker.prefix(4), as: UTF8.self)) {
            let rest = FileWindow(self, offset..<count)
            guard let length = DeclaredSize(window: rest).declaredEnd() else {
                throw AudioError.unusable(
                    "\(source)", "does not tell its length, as a WAV in an archive must")
            }
            // Where the file is shorter the check of declared sizes will say so.
            return FileWindow(rest, 0..<min(length, rest.count))
        }
        if marker.starts(with: "AUDIO".utf8), let digits = marker.last.map(Int.init), (1...7).contains(digits)
        {
            let begin = offset + 6 + digits
            let length = bytes(at: offset + 6, count: digits).reversed().reduce(0) { $0 << 8 | Int($1) }
            guard begin <= count, length <= count - begin else {
                throw AudioError.unusable(
                    "\(source)", "is truncated: it has \(length) bytes, the archive ends before")
            }
            return FileWindow(self, begin..<begin + length)
        }
        throw AudioError("\(source): no WAV begins at this byte of the archive: make its list anew")
    }

    /// Opens the window's bytes as a sound file. The window has to live as long as the handle.
    func openSound(_ info: inout SF_INFO) -> OpaquePointer? {
        var callbacks = SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(FileWindow.from($0).count) },
            seek: { FileWindow.from($2).seek($0, $1) },
            read: { FileWindow.from($2).readOn($0, $1) },
            write: { _, _, _ in 0 },
            tell: { sf_count_t(FileWindow.from($0).position) })
        return sf_open_virtual(
            &callbacks, Int32(SFM_READ), &info, Unmanaged.passUnretained(self).toOpaque())
    }

    private static func from(_ pointer: UnsafeMutableRawPointer?) -> FileWindow {
        Unmanaged<FileWindow>.fromOpaque(pointer.unsafelyUnwrapped).takeUnretainedValue()
    }

    private func seek(_ offset: sf_count_t, _ whence: Int32) -> sf_count_t {
        let origin = whence == SEEK_CUR ? position : whence == SEEK_END ? count : 0
        let (target, overflow) = origin.addingReportingOverflow(Int(offset))
        guard !overflow, target >= 0 else { return -1 }
        position = target
        return sf_count_t(target)
    }

    private func readOn(_ buffer: UnsafeMutableRawPointer?, _ bytes: sf_count_t) -> sf_count_t {
        guard bytes > 0, position < count else { return 0 }
        let done = read(into: UnsafeMutableRawBufferPointer(start: buffer, count: Int(bytes)), at: position)
        position += done
        return sf_count_t(done)
    }
}
