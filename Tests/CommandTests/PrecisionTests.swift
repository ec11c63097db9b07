import Foundation
import Testing

/// `training.precision` on the command line.
@Suite struct PrecisionTests {
    private let place: Workplace

    init() throws {
        place = try Workplace()
        // Wide enough that products round.
        try place.write(
            Workplace.configuration.replacingOccurrences(of: "[8, ", with: "[32, "), to: "tiny.yaml")
    }

    private func train(_ name: String, _ precision: String, by instructions: String) throws -> Program.Result
    {
        try place.program.shell(
            "VQW2V_BF16=\(instructions) \"$VQW2V\" train data --config tiny.yaml -o \(name) "
                + "--set training.precision=\(precision)")
    }

    /// What the processor lacks is said once, and float32 takes its place.
    @Test func float32TakesThePlaceOfWhatIsMissing() throws {
        let note = "note: this processor multiplies no bfloat16"
        let missing = try train("missing", "bf16", by: "none")
        #expect(missing.code == 0 && missing.output.isEmpty, "\(missing.errors)")
        #expect(missing.errorLines.filter { $0.hasPrefix(note) }.count == 1)
        let emulated = try train("emulated", "bf16", by: "emulated")
        #expect(emulated.code == 0 && !emulated.errors.contains(note), "\(emulated.errors)")
        let exact = try train("float32", "float32", by: "none")
        #expect(exact.code == 0 && !exact.errors.contains("bf16: "), "\(exact.errors)")
        func weights(_ name: String) throws -> String {
            let model = "\(name)/last.safetensors"
            let result = try place.program.run("inspect", model, "--json")
            try #require(result.code == 0, "\(result.errors)")
            return result.output
        }
        func ids(_ name: String) throws -> Data {
            let result = try place.program.run(
                "extract", "-c", "\(name)/last.safetensors", "--layer", "z", "-o", "\(name)-z", "data/2.wav")
            try #require(result.code == 0, "\(result.errors)")
            return try place.bytes("\(name)-z/2.npy")
        }
        #expect(try ids("missing") == ids("float32"))
        #expect(try ids("emulated") != ids("float32"))
        #expect(try weights("missing").contains("bf16"))
    }

    /// The emulation is that of the instructions, for whole runs too.
    @Test func emulationAndInstructionsAgree() throws {
        let hardware = try train("hardware", "bf16", by: "avx512")
        try #require(hardware.code == 0, "\(hardware.errors)")
        guard hardware.errors.contains("bf16: by AVX512_BF16") else { return }
        #expect(try train("emulated", "bf16", by: "emulated").code == 0)
        #expect(
            try place.bytes("hardware/last.safetensors") == place.bytes("emulated/last.safetensors"))
    }

    @Test func otherPrecisionsAreRefused() throws {
        let result = try train("run", "float16", by: "none")
        #expect(result.code == 64 || result.code == 1, "\(result.code)")
        #expect(result.errors.contains("training.precision") && !place.exists("run"), "\(result.errors)")
    }
}
