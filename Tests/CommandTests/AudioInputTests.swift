import Foundation
import Testing

/// Sound that is no file of a common kind.
@Suite struct AudioInputTests {
    @Test func audioFromAPipe() throws {
        let place = try Workplace()
        let model = try place.train()
        let file = try place.program.run("quantize", "--checkpoint", model, "data/0.wav")
        let ids = try #require(file.outputLines.first?.split(separator: "\t").last)
        for input in ["cat data/0.wav |", "< data/0.wav"] {
            let line =
                input.hasPrefix("<")
                ? "$VQW2V quantize --checkpoint \(model) --name utt - \(input)"
                : "\(input) $VQW2V quantize --checkpoint \(model) --name utt -"
            let result = try place.program.shell(line)
            #expect(result.code == 0 && result.output == "utt\t\(ids)\n", "\(result.errors)")
        }
        let empty = try place.program.shell("true | $VQW2V quantize --checkpoint \(model) --name utt -")
        #expect(empty.code == 1 && empty.output.isEmpty)
        #expect(empty.errors.contains("error: utt: is empty: it has 0 bytes"), "\(empty.errors)")
        let other = try place.program.run("quantize", "--checkpoint", model, "--name", "utt", "data/0.wav")
        #expect(other.code == 64 && other.errors.contains("--name names the audio that comes through stdin"))
    }

    /// What never ends has to show by its first 16 MiB that it is audio, though a tag may be longer than that.
    @Test func moreThanTheBeginningFromAPipe() throws {
        let place = try Workplace()
        let model = try place.train()
        let command = "$VQW2V quantize --checkpoint \(model) --name utt -"
        let endless = try place.program.shell("timeout 60 \(command) < /dev/zero")
        #expect(endless.code == 1 && endless.output.isEmpty)
        #expect(endless.errors.contains("error: utt: is not audio"), "\(endless.errors)")
        let recording = try place.bytes("data/0.wav")
        let samples = (0..<280_000).map { Int16($0 % 500 + $0 / 1000) }
        var long = waveFile(samples + samples, rate: 16000)
        long.replaceSubrange(22..<24, with: [16, 0])
        long.replaceSubrange(32..<34, with: [32, 0])
        // 35,000 frames of 16 channels, then blocks that no reader of WAV knows.
        long += Array("junk".utf8) + [0, 0, 0, 1] + [UInt8](repeating: 0, count: 1 << 24)
        try place.write(long, to: "long.wav")
        let file = try place.program.run("quantize", "--checkpoint", model, "long.wav")
        let ids = try #require(file.outputLines.first?.split(separator: "\t").last, "\(file.errors)")
        let piped = try place.program.shell("cat long.wav | \(command)")
        #expect(piped.code == 0 && piped.output == "utt\t\(ids)\n", "\(piped.errors)")
        // A header that comes behind more than that.
        let behind = Array("RIFF".utf8) + [0xFF, 0xFF, 0xFF, 0x7F] + Array("WAVEJUNK".utf8) + [0, 0, 0, 2]
        try place.write(
            behind + [UInt8](repeating: 0, count: 1 << 25) + recording.dropFirst(12), to: "behind.wav")
        let late = try place.program.shell("cat behind.wav | \(command)")
        #expect(late.code == 0 && late.outputLines.count == 1, "\(late.errors)")
        let tag = Array("ID3".utf8) + [3, 0, 0, 8, 127, 127, 127]
        try place.write(tag + [UInt8](repeating: 0, count: (9 << 21) - 1) + recording, to: "tagged")
        let tagged = try place.program.run("quantize", "--checkpoint", model, "tagged")
        let from = try place.program.shell("cat tagged | \(command)")
        #expect(tagged.code == 0 && from.code == 0, "\(tagged.errors)\(from.errors)")
        #expect(from.output.split(separator: "\t").last == tagged.output.split(separator: "\t").last)
    }

    /// The same recording at a usual level, and a thousandth of it.
    @Test(arguments: [
        ["quantize"], ["extract", "--layer", "z", "-o", "z"], ["evaluate", "--no-baseline"],
        ["cluster", "--layer", "z", "--units", "2", "-o", "k.safetensors"],
    ])
    func aQuietRecording(_ command: [String]) throws {
        let place = try Workplace()
        let model = try place.train()
        func run(_ level: Float) throws -> Program.Result {
            let samples = sweep(1500, start: 0).map { level * Float($0) / 32768 }
            try place.write(waveFile(floats: samples), to: "level.wav")
            try? FileManager.default.removeItem(atPath: "\(place.path)/k.safetensors")
            return try place.program.run([command[0], "-c", model, "level.wav"] + command.dropFirst())
        }
        let (usual, quiet) = (try run(1), try run(1e-3))
        #expect(usual.code == 0 && !usual.errors.contains("warning"), "\(usual.errors)")
        #expect(quiet.code == 0, "\(quiet.errors)")
        let warnings = quiet.errorLines.filter { $0.hasPrefix("warning: level.wav: is so quiet that ") }
        #expect(warnings.count == 1 && warnings.allSatisfy { $0.count <= 300 }, "\(quiet.errors)")
    }

    /// Without FFmpeg the line says what to run.
    @Test func aForeignContainer() throws {
        let place = try Workplace()
        let model = try place.train()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        try place.write(
            [UInt8](Data(contentsOf: root.appending(path: "SpeechTests/Fixtures/tone.m4a"))), to: "tone.m4a")
        let without = try place.program.shell("PATH=/none $VQW2V quantize --checkpoint \(model) tone.m4a")
        #expect(without.code == 1 && without.output.isEmpty)
        #expect(without.errors.contains("tone.m4a: is an MP4 or QuickTime file, which needs FFmpeg"))
        #expect(without.errors.contains("ffmpeg -i tone.m4a "), "\(without.errors)")
        guard try place.program.shell("command -v ffmpeg").code == 0 else { return }
        let with = try place.program.run("quantize", "--checkpoint", model, "tone.m4a")
        #expect(with.code == 0 && with.outputLines.count == 1, "\(with.errors)")
        try place.write([UInt8](try place.bytes("tone.m4a").prefix(2000)), to: "cut.m4a")
        let cut = try place.program.run("quantize", "--checkpoint", model, "cut.m4a")
        #expect(cut.code == 1 && cut.output.isEmpty && cut.errors.contains("ffmpeg says"), "\(cut.errors)")
    }

    /// A line with the reason, whatever the limit; never that good files are damaged.
    @Test(arguments: [4, 5, 6, 7, 8, 10, 12])
    func tooFewDescriptors(limit: Int) throws {
        let place = try Workplace()
        let model = try place.train()
        let result = try place.program.shell(
            "ulimit -n \(limit); exec $VQW2V quantize --checkpoint \(model) data/0.wav")
        #expect(
            result.code == 0 || result.code == 1 && result.errors.contains("ulimit -n"),
            "\(limit): \(result.errors)")
        #expect(!result.errors.contains("damaged"))
    }

    /// Dispatch would end the process where it cannot open files of its own: it begins before others are opened.
    @Test func tooFewDescriptorsForThreads() throws {
        let place = try Workplace()
        let result = try place.program.shell("ulimit -n 5; exec $VQW2V inspect none.safetensors")
        #expect(result.code == 1, "\(result.code)")
        #expect(result.errors.hasPrefix("error: /dev/null cannot be opened: Too many open files"))
    }

    /// The good files beside it are done.
    @Test func aRateOfOneHertz() throws {
        let place = try Workplace()
        let model = try place.train()
        try place.write(waveFile(sweep(100_000, start: 0), rate: 1), to: "slow.wav")
        let result = try place.program.run(
            "quantize", "--checkpoint", model, "--resample", "slow.wav", "data")
        #expect(result.code == 1 && result.outputLines.count == 5)
        #expect(result.errors.contains("slow.wav: is sampled at 1 Hz, says its header"), "\(result.errors)")
    }

    @Test func channelsThatCancel() throws {
        let place = try Workplace()
        let model = try place.train()
        let values = sweep(2000, start: 0).flatMap { [$0, -$0] }
        var content = waveFile(values)
        content.replaceSubrange(22..<24, with: [2, 0])
        content.replaceSubrange(32..<34, with: [4, 0])
        try place.write(content, to: "cancel.wav")
        let result = try place.program.run("quantize", "--checkpoint", model, "cancel.wav")
        #expect(result.code == 1 && result.errors.contains("cancel.wav: its channels cancel each other"))
        #expect(!result.errors.contains("nothing was recorded"))
    }

    /// Read errors by a library that is loaded first: no id is made of half a header.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"), "needs a C compiler"))
    func readErrors() throws {
        let place = try Workplace()
        let model = try place.train()
        try place.write(
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <fcntl.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            ssize_t pread64(int file, void *buffer, size_t size, off64_t offset) {
                static int calls;
                char link[64], path[4096] = "";
                snprintf(link, sizeof link, "/proc/self/fd/%d", file);
                if (readlink(link, path, sizeof path - 1) > 0 && strstr(path, ".wav")) {
                    int n = atoi(getenv("FAIL"));
                    if (n == 0 && calls++ % 2 == 0) { errno = EINTR; return -1; }
                    if (n > 0 && ++calls >= n) { errno = EIO; return -1; }
                }
                return syscall(SYS_pread64, file, buffer, size, offset);
            }
            ssize_t pread(int file, void *buffer, size_t size, off_t offset) { return pread64(file, buffer, size, offset); }

            """, to: "fail.c")
        let built = try place.program.shell("/usr/bin/cc -shared -fPIC -w -o fail.so fail.c")
        try #require(built.code == 0, "\(built.errors)")
        let good = try place.program.run("quantize", "--checkpoint", model, "data/0.wav")
        for fail in 0...3 {
            let result = try place.program.shell(
                "FAIL=\(fail) LD_PRELOAD=$PWD/fail.so${LD_PRELOAD:+:$LD_PRELOAD} "
                    + "exec $VQW2V quantize --checkpoint \(model) data/0.wav")
            if result.code == 0 {
                #expect(result.output == good.output)
            } else {
                #expect(fail > 0 && result.code == 1 && result.output.isEmpty)
                #expect(
                    result.errors.contains("data/0.wav: cannot be read: Input/output error"),
                    "\(result.errors)")
            }
            #expect(fail != 1 || result.code == 1)
        }
    }
}
