import Foundation
import TestSupport
import Testing

/// How all commands speak: where to, in which words, in how many, and with which exit code.
@Suite struct MessageTests {
    /// Of everything that is printed on stdout.
    private static let printing = [
        "inspect run/last.safetensors", "inspect --json run/last.safetensors", "config", "config --explain",
        "quantize -c run/last.safetensors data", "--version", "--help", "help train", "quantize --help",
        "--generate-completion-script bash",
    ]

    @Test func whatCannotBePrintedIsAnError() throws {
        let place = try Workplace()
        try place.train()
        for arguments in Self.printing {
            let full = try place.program.shell("\"$VQW2V\" \(arguments) > /dev/full")
            #expect(full.code == 1, "\(arguments)")
            #expect(
                full.errorLines.first { $0.hasPrefix("error: ") }?
                    .contains("standard output cannot be written: No space left on device") == true,
                "\(arguments): \(full.errors)")
            let closed = try place.program.shell("\"$VQW2V\" \(arguments) >&-")
            #expect(closed.code == 1 && closed.errors.contains("error: standard output"), "\(arguments)")
        }
    }

    /// The first file that is opened would take the number of standard error, and messages would go into it.
    @Test func aClosedStandardErrorSpoilsNoFile() throws {
        let place = try Workplace()
        let result = try place.program.shell("\"$VQW2V\" train data --config tiny.yaml -o run 2>&-")
        #expect(result.code == 0)
        let log = String(decoding: try place.bytes("run/log.jsonl"), as: UTF8.self).split(separator: "\n")
        #expect(!log.isEmpty && log.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
        #expect(try place.program.run("inspect", "run/last.safetensors").code == 0)
    }

    @Test func aReaderThatWentAwayIsTold() throws {
        let place = try Workplace()
        let result = try place.program.shell("{ \"$VQW2V\" config; echo $? >&2; } | true")
        // Where `true` was slower, the pipe took all.
        #expect(["0\n", "141\n"].contains(result.errors), "\(result.errors)")
    }

    @Test func errorLinesAreShortAndKeepNames() throws {
        let place = try Workplace()
        let (folder, name) = (String(repeating: "long-folder/", count: 80), "the-recording-of-monday.wav")
        for arguments in [
            ["inspect", folder + name], ["quantize", "-c", folder + name, "data"],
            ["config", "--config", folder + name],
            ["train", folder + name, "-o", "run"],
            ["train", "data", "-o", "run", "--init-from", folder + name],
            ["convert", folder + name, "model.pt"], ["inspect", "run", folder + name],
        ] {
            let result = try place.program.run(arguments)
            #expect(result.code != 0)
            let line = try #require(result.errorLines.first)
            #expect(line.hasPrefix("error: ") && line.contains(name), "\(line)")
            #expect(result.errorLines.allSatisfy { $0.utf8.count <= 300 }, "\(result.errors)")
        }
        for arguments in [
            ["--" + String(repeating: "x", count: 1000)], [String(repeating: "command ", count: 100)],
            ["config", "--set", String(repeating: "quantizer.kind ", count: 100)],
            ["config", "--preset", String(repeating: "small", count: 100)],
            ["config", "--set", "quantizer.kind=" + String(repeating: "kmeans", count: 100)],
        ] {
            let result = try place.program.run(arguments)
            #expect(result.code != 0)
            #expect(result.errorLines.allSatisfy { $0.utf8.count <= 300 }, "\(result.errors)")
        }
    }

    @Test func anErrorIsOneLineWhateverAFileIsCalled() throws {
        let place = try Workplace()
        let result = try place.program.run("inspect", "a\nb\u{1B}[2Jc.pt")
        #expect(result.code == 1 && result.errorLines.count == 1)
        #expect(result.errors.hasPrefix("error: a\\nb\\u{1B}[2Jc.pt cannot be read"), "\(result.errors)")
    }

    @Test func severalProblemsAreALineEach() throws {
        let place = try Workplace()
        let result = try place.program.run(["train", "-o", "run"] + (0..<12).map { "absent\($0).wav" })
        #expect(result.code == 1 && result.errorLines.count == 11, "\(result.errors)")
        #expect(result.errorLines.first == "error: absent0.wav: no such file or folder", "\(result.errors)")
        #expect(result.errorLines.last == "error: … and 2 more", "\(result.errors)")
    }

    /// Wrong whatever the files hold, so nothing is read.
    @Test(arguments: [
        "quantize -c none.pt -f npy data", "quantize -c none.pt -f npz data",
        "quantize -c none.pt -f kaldi data",
        "quantize -c none.pt -f gslm --ids pair data", "quantize -c none.pt -f lhotse --resample data",
        "quantize -c none.pt --labels ltr data", "quantize -c none.pt --dictionary d.txt -o ids.tsv data",
        "quantize -c none.pt -f fairseq --labels ltr data", "quantize -c none.pt -f gslm --deduplicate data",
        "quantize -c none.pt --skip-existing data", "quantize -c none.pt --max-samples 0 data",
        "convert none.pt model.safetensors --style args", "convert none.pt model.pt --tokens ids.tsv",
        "convert none.pt model", "train data -o run --resume --preset small",
        "train data -o run --stop-after 0",
        "config quantizer", "config --explain --preset paper", "inspect", "extract -c none.pt --layer z data",
    ])
    func aWrongCombinationOfOptionsExits64(arguments: String) throws {
        let place = try Workplace()
        let before = try place.files()
        let result = try place.program.run(arguments.split(separator: " ").map(String.init))
        #expect(result.code == 64 && result.output.isEmpty, "\(result.errors)")
        #expect(result.errors.hasPrefix("error: "), "\(result.errors)")
        #expect(result.errors.contains("\nUsage: vqw2v "), "\(result.errors)")
        #expect(try place.files() == before)
    }

    @Test(.disabled(if: isSanitized)) func argumentsDoNotNeedProc() throws {
        let place = try Workplace()
        guard try place.program.shell("unshare -m umount -l /proc").code == 0 else { return }
        let result = try place.program.shell(
            "unshare -m sh -c 'umount -l /proc; \"$VQW2V\" inspect absent.pt'")
        #expect(
            result.code == 1 && result.errors.hasPrefix("error: absent.pt cannot be read"), "\(result.errors)"
        )
    }
}
