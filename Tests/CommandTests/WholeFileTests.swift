import Foundation
import Testing

/// Whatever ends a command leaves whole files or none.
@Suite struct WholeFileTests {
    /// The kernel ends a process that writes past the limit of the size of files, unless it asks for an error.
    @Test func aLimitOfTheSizeOfFiles() throws {
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
