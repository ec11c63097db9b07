import Foundation
import TestSupport
import Testing

/// Signals, readers that go away, terminals and full disks: what `quantize` and `extract` leave.
@Suite struct InterruptionTests {
    let place: Workplace
    let model: String

    init() throws {
        place = try Workplace()
        model = try place.train()
    }

    /// A recording that takes far longer than a signal may.
    private func writeLongRecording(samples: Int = 40_000_000) throws {
        let piece = waveFile(sweep(samples / 100, start: 3))
        let size = 2 * samples
        var bytes = Array(piece[..<44])
        for (offset, value) in [(4, 36 + size), (40, size)] {
            for byte in 0..<4 { bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
        }
        for _ in 0..<100 { bytes += piece[44...] }
        try place.write(bytes, to: "long.wav")
    }

    /// In the middle of a recording: within about a second, with the code of a shell, and nothing is left.
    @Test(
        arguments: [
            (SIGINT, 130, ["quantize", "--output", "out"]),
            (SIGTERM, 143, ["quantize", "--output", "out", "--format", "fairseq", "--vocabulary", "words"]),
            (SIGHUP, 129, ["extract", "--layer", "c", "--format", "safetensors", "--output", "out"]),
            (SIGINT, 130, ["extract", "--layer", "z", "--output", "out"]),
            (SIGTERM, 143, ["quantize", "--resample", "--output", "out"]),
        ] as [(Int32, Int32, [String])])
    func aSignal(signal: Int32, code: Int32, arguments: [String]) throws {
        try writeLongRecording()
        let before = try place.files()
        let running = try place.program.start(
            arguments + ["--checkpoint", model, "--threads", "1", "data/0.wav", "long.wav", "data/1.wav"])
        try running.waitForOutput()
        Thread.sleep(forTimeInterval: 0.5)
        let clock = ContinuousClock()
        let start = clock.now
        running.send(signal)
        let result = try running.finish()
        #expect(clock.now - start < .seconds(2))
        #expect(result.code == code, "\(result.errors)")
        #expect(result.errors.contains(" of 3 recordings; out "), "\(result.errors)")
        let left = try place.files().subtracting(before)
        #expect(left.isSubset(of: ["words", "out", "out/0.npy", "out.json"]), "\(left)")
        #expect(left.contains("out") == left.contains("out/0.npy"))
    }

    /// A pipe that is full and not read holds up what is printed to stderr, but no signal: `train` saves, `quantize` ends.
    @Test func aPipeThatNobodyReads() throws {
        let result = try place.program.shell(
            """
            mkfifo pipe && exec 3<>pipe || exit 1
            "$VQW2V" train data --config tiny.yaml --set training.max_updates=1000000 --output unread 2>&3 &
            before=-1 size=0
            until [ "$size" -gt 0 ] && [ "$size" = "$before" ]; do
                before=$size; sleep 0.5
                [ ! -e unread/log.jsonl ] || size=$(wc -c < unread/log.jsonl)
            done
            kill -TERM $!; wait $!; echo $?
            "$VQW2V" quantize --checkpoint unread/last.safetensors data --output out 2>&3 &
            until [ -e out ]; do sleep 0.1; done
            kill -TERM $!; wait $!; echo $?
            """)
        // `quantize` is done, and would only say so.
        #expect(result.outputLines == ["143", "0"], "\(result)")
        let saved = try place.program.run("inspect", "unread/last.safetensors")
        #expect(saved.code == 0, "\(saved.errors)")
    }

    /// A reader that goes away ends the command as SIGPIPE would, without a word, and nothing is left.
    @Test func aReaderThatGoesAway() throws {
        for index in 0..<20 {
            try place.write(waveFile(sweep(60_000, start: index)), to: "data/b\(index).wav")
        }
        let before = try place.files()
        let result = try place.program.shell(
            "{ \"$VQW2V\" quantize --checkpoint \(model) --vocabulary words data data data; echo \"code $?\" >&2; } "
                + "| head -n 1")
        #expect(result.outputLines.count == 1)
        #expect(result.errors == "code 141\n", "\(result.errors)")
        #expect(try place.files().subtracting(before).isSubset(of: ["words"]))
    }

    /// Where files may not grow any more, an output stays as it was, and so does its description.
    @Test(.disabled(if: areThreadsSanitized)) func aDiskThatIsFull() throws {
        try place.write(waveFile(sweep(100_000, start: 1)), to: "long.wav")
        let first = try place.program.run("quantize", "--checkpoint", model, "--output", "out", "long.wav")
        #expect(first.code == 0)
        let (ids, description) = (try place.bytes("out"), try place.bytes("out.json"))
        #expect(ids.count > 16384 && description.count < 8192)
        let before = try place.files()
        // In units of 512 bytes.
        let result = try place.program.shell(
            "ulimit -f 16; \"$VQW2V\" quantize --checkpoint \(model) --output out --ids flat long.wav")
        #expect(result.code == 1)
        #expect(result.errors.contains("out cannot be written: File too large"), "\(result.errors)")
        #expect(try place.bytes("out") == ids && place.bytes("out.json") == description)
        #expect(try place.files() == before)
    }

    /// What has no usable input leaves nothing that looks like an output.
    @Test(arguments: ["tsv", "fairseq", "npy", "npz", "safetensors", "kaldi"])
    func noUsableInput(format: String) throws {
        try place.write(waveFile([Int16](repeating: 0, count: 2000)), to: "silent.wav")
        let before = try place.files()
        let result = try place.program.run(
            "quantize", "--checkpoint", model, "--format", format, "--output", "out", "silent.wav",
            "tiny.yaml")
        #expect(result.code == 1)
        #expect(
            result.errorLines.last?.hasPrefix("error: none of the inputs could be used; out ") == true,
            "\(result.errors)")
        #expect(try place.files() == before)
        let kept = try place.program.run("quantize", "--checkpoint", model, "--output", "ids", "data/0.wav")
        #expect(kept.code == 0)
        let ids = try place.bytes("ids")
        _ = try place.program.run("quantize", "--checkpoint", model, "--output", "ids", "silent.wav")
        #expect(try place.bytes("ids") == ids)
    }

    @Test func aDashIsStandardOutput() throws {
        let plain = try place.program.run("quantize", "--checkpoint", model, "data")
        for name in ["-", "/dev/stdout"] {
            let named = try place.program.run("quantize", "--checkpoint", model, "data", "--output", name)
            #expect(named.code == 0 && named.output == plain.output)
        }
        #expect(!place.exists("-") && !place.exists("-.json"))
    }

    @Test func missingFoldersAreMade() throws {
        let tokens = try place.program.run(
            "quantize", "--checkpoint", model, "--output", "a/b/ids.tsv", "data")
        #expect(tokens.code == 0 && place.exists("a/b/ids.tsv.json"), "\(tokens.errors)")
        let features = try place.program.run(
            "extract", "--checkpoint", model, "--layer", "z", "--output", "c/d/z", "data")
        #expect(features.code == 0 && place.exists("c/d/z/0.npy"), "\(features.errors)")
    }

    /// Ids on a terminal: no live line between them, and every line whole.
    @Test func idsOnATerminal() throws {
        for index in 0..<30 {
            try place.write(waveFile(sweep(20_000, start: index)), to: "data/c\(index).wav")
        }
        let plain = try place.program.run("quantize", "--checkpoint", model, "data")
        let shown = try onATerminal("\"$VQW2V\" quantize --checkpoint \(model) data")
        let lines = shown.split(separator: "\r\n").map(String.init)
        #expect(!shown.contains("\u{1B}"), "\(shown.suffix(300))")
        #expect(lines.filter { $0.hasPrefix("data/") } == plain.outputLines.map(String.init))
        // Ids in a file: there the line is.
        let filed = try onATerminal(
            "\"$VQW2V\" quantize --checkpoint \(model) --output ids.tsv data data data")
        #expect(filed.contains("files") && !filed.contains("data/"))
    }

    /// What a shell's line shows on a terminal of its own.
    private func onATerminal(_ line: String) throws -> String {
        // The other end stays open, or the first program that ends would hang up.
        var (terminal, other) = (Int32(-1), Int32(-1))
        try #require(openpty(&terminal, &other, nil, nil, nil) == 0)
        defer {
            close(terminal)
            close(other)
        }
        let name = String(cString: try #require(ttyname(other)))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "exec > \(name) 2>&1; \(line)"]
        process.currentDirectoryURL = URL(fileURLWithPath: place.path)
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["VQW2V": try Program.executable.path, "TERM": "xterm"], uniquingKeysWith: { $1 })
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var (shown, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while true {
            var waiting = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, 50) > 0 {
                let count = read(terminal, &buffer, buffer.count)
                if count > 0 { shown += buffer[..<count] }
            } else if !process.isRunning {
                break
            }
        }
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: shown, as: UTF8.self)
    }
}
