import Foundation
import TestSupport
import Testing

/// Whatever ends a command leaves whole files or none.
@Suite struct WholeFileTests {
    /// The kernel ends a process that writes past the limit of the size of files, unless it asks for an error.
    @Test(.disabled(if: areThreadsSanitized)) func aLimitOfTheSizeOfFiles() throws {
        let place = try Workplace()
        let model = try place.train()
        let before = try place.files()
        let result = try place.program.shell("ulimit -f 8; \"$VQW2V\" convert \(model) small.safetensors")
        #expect(result.code == 1, "\(result.code)")
        #expect(
            result.errors.contains("small.safetensors cannot be written: File too large"), "\(result.errors)")
        #expect(result.errors.contains("ulimit -f"))
        #expect(try place.files() == before)
    }

    /// A run that cannot save says so, once, and what it had saved stays.
    @Test(.disabled(if: areThreadsSanitized)) func aLimitOfTheSizeOfCheckpoints() throws {
        let place = try Workplace()
        try place.train("run", "--stop-after", "2")
        let saved = try place.bytes("run/last.safetensors")
        let before = try place.files()
        let result = try place.program.shell("ulimit -f 8; \"$VQW2V\" train data --output run --resume")
        #expect(result.code == 1, "\(result.code)")
        let errors = result.errorLines.filter { $0.hasPrefix("error: ") }
        #expect(errors.count == 1 && result.errorLines.last == errors.last, "\(result.errors)")
        #expect(
            result.errors.contains("File too large") && result.errors.contains("ulimit -f"),
            "\(result.errors)")
        #expect(try place.bytes("run/last.safetensors") == saved)
        let new = try place.files().subtracting(before)
        #expect(new.allSatisfy { $0.hasPrefix("run/events.out.tfevents.") }, "\(new)")
        #expect(try place.program.run("train", "data", "--output", "run", "--resume").code == 0)
    }

    /// SIGKILL in the middle of an output: nothing was there yet that could stay.
    @Test func aCommandThatIsKilled() throws {
        let place = try Workplace(recordings: 60)
        let model = try place.train()
        let before = try place.files()
        for format in ["tsv", "safetensors", "npz", "kaldi"] {
            let running = try place.program.start(
                ["quantize", "--checkpoint", model, "data", "--format", format, "--output", "out"])
            Thread.sleep(forTimeInterval: 0.03)
            running.send(SIGKILL)
            _ = try running.finish()
            let left = try place.files().subtracting(before)
            #expect(left.allSatisfy { !$0.contains(".tmp") }, "\(format): \(left)")
            for name in left { try FileManager.default.removeItem(atPath: "\(place.path)/\(name)") }
        }
    }
}
