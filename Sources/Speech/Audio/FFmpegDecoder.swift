import Foundation

/// Decodes what libsndfile does not know by an installed `ffmpeg`, in a process of its own.
///
/// Its libraries could be loaded instead, but the layout of their structures changes with every major version,
/// and their decoders meet hostile files: a process has a stable command line, and what ends it does not end us.
final class FFmpegDecoder: AudioDecoder {
    let sampleRate: Int
    let channels: Int
    /// Containers tell durations, not samples.
    let frames: Int? = nil
    private let name: String
    private let process: pid_t
    private let output: Int32
    /// What it complains of.
    private let errors: UnsafeMutablePointer<FILE>
    private var hasEnded = false

    /// - Throws: `AudioError` that names the command to run where there is no ffmpeg, or what it says.
    init(_ kind: ForeignContainer, _ file: OpenFile, _ source: AudioSource) throws {
        name = "\(source)"
        guard source.offset == nil else {
            throw AudioError.unsupported(
                name, "is \(kind.name), in an archive: convert it to WAV, and make the archive anew")
        }
        guard let program = Self.program else {
            throw AudioError.unsupported(
                name,
                "is \(kind.name), which needs FFmpeg: install ffmpeg, or convert it: "
                    + "ffmpeg -i \(source.path) \(source.path).wav")
        }
        guard let errors = tmpfile() else {
            throw AudioError.unsupported(name, "ffmpeg cannot be started: \(OpenFile.reason(errno))")
        }
        self.errors = errors
        // Sun's audio format: a short header with the rate and the channels, then floats to the end.
        let arguments = [
            program, "-nostdin", "-v", "error", "-xerror", "-protocol_whitelist", "file", "-i",
            "file:/dev/fd/\(Self.inputDescriptor)", "-map", "0:a:0", "-c:a", "pcm_f32be", "-f", "au",
            "pipe:1",
        ]
        do {
            (process, output) = try Self.start(
                arguments, input: file.descriptor, errors: fileno(errors), name)
        } catch {
            fclose(errors)
            throw error
        }
        var header = [UInt8](repeating: 0, count: 24)
        let got = header.withUnsafeMutableBytes { [output] in Self.readAll(output, $0) }
        func field(_ index: Int) -> Int { header[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | Int($1) } }
        (sampleRate, channels) = (field(4), field(5))
        var rest = [UInt8](repeating: 0, count: got == 24 ? min(max(0, field(1) - 24), 1 << 20) : 0)
        let skipped = rest.withUnsafeMutableBytes { Self.readAll(output, $0) }
        guard got == 24, field(3) == 6, skipped == rest.count, channels > 0, sampleRate > 0 else {
            try end()
            throw AudioError.unusable(name, "is \(kind.name) without sound that ffmpeg can decode")
        }
    }

    deinit {
        if !hasEnded { finish(killing: true) }
        fclose(errors)
    }

    func read(_ buffer: UnsafeMutableBufferPointer<Float>) throws -> Int {
        guard !hasEnded else { return 0 }
        let frame = channels * MemoryLayout<Float>.stride
        let room = UnsafeMutableRawBufferPointer(
            start: buffer.baseAddress, count: buffer.count / channels * frame)
        let count = Self.readAll(output, room)
        if count < room.count { try end() }
        let frames = count / frame
        buffer.baseAddress?.withMemoryRebound(to: UInt32.self, capacity: frames * channels) { bits in
            for index in 0..<frames * channels { bits[index] = bits[index].byteSwapped }
        }
        return frames
    }

    /// Waits for the end of the process.
    /// - Throws: `AudioError` where it failed, or could not read all of the file.
    private func end() throws {
        let status = finish(killing: false)
        rewind(errors)
        var text = [UInt8](repeating: 0, count: 160)
        let count = fread(&text, 1, text.count, errors)
        let line = String(decoding: text[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        // "[mov,mp4 @ 0x55…] moov atom not found": what is in brackets says nothing to people.
        let reason =
            (line.hasPrefix("[")
            ? line.split(separator: "]", maxSplits: 1).last.map(String.init) ?? "" : line)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !reason.contains("matches no streams") else {
            throw AudioError.unsupported(name, "has no sound, only pictures")
        }
        guard status == 0, line.isEmpty else {
            throw AudioError.unusable(
                name, "is damaged or truncated: ffmpeg says: \(reason.isEmpty ? "nothing" : reason)")
        }
    }

    @discardableResult
    private func finish(killing: Bool) -> Int32 {
        hasEnded = true
        close(output)
        if killing { kill(process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status
    }

    /// The file is handed over open: names of any bytes, and what came through standard input, need no path.
    private static let inputDescriptor: Int32 = 3

    /// The program's path, where one is installed.
    private static var program: String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/ffmpeg" }.first { access($0, X_OK) == 0 }
    }

    private static func start(
        _ arguments: [String], input: Int32, errors: Int32, _ name: String
    ) throws -> (pid_t, Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw AudioError.unsupported(name, "ffmpeg cannot be started: \(OpenFile.reason(errno))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        posix_spawn_file_actions_adddup2(&actions, input, inputDescriptor)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, arguments[0], &actions, nil, &words, environ)
        guard code == 0 else {
            close(ends[0])
            throw AudioError.unsupported(name, "ffmpeg cannot be started: \(OpenFile.reason(code))")
        }
        return (process, ends[0])
    }

    /// Fills the buffer; fewer bytes at the end.
    private static func readAll(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        var done = 0
        while done < buffer.count {
            let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
            if got > 0 {
                done += got
            } else if got == 0 || errno != EINTR {
                break
            }
        }
        return done
    }
}
