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
        let note = "note: VQW2V_BF16=none names no instructions of this processor"
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

    /// Ids in bf16 say what they are.
    @Test func idsInBF16() throws {
        let model = try place.train()
        func quantize(_ name: String, _ options: String, by instructions: String) throws -> Program.Result {
            let result = try place.program.shell(
                "VQW2V_BF16=\(instructions) \"$VQW2V\" quantize -c \(model) -f npy -o \(name) \(options) data"
            )
            try #require(result.code == 0, "\(result.errors)")
            return result
        }
        func precision(_ name: String) throws -> String? {
            let object = try JSONSerialization.jsonObject(with: place.bytes("\(name).json"))
            return (object as? [String: Any])?["precision"] as? String
        }
        let exact = try quantize("exact", "", by: "emulated")
        #expect(!exact.errors.contains("bf16"))
        #expect(try precision("exact") == nil)
        let rounded = try quantize("rounded", "--precision bf16", by: "emulated")
        #expect(rounded.errors.contains("bf16: expect") && rounded.errors.contains("% of a group's ids"))
        #expect(try precision("rounded") == "bf16")
        // What is not there is not said to be.
        let missing = try quantize("missing", "--precision bf16", by: "none")
        #expect(missing.errors.contains("note: VQW2V_BF16=none names no instructions"))
        #expect(try precision("missing") == nil)
        #expect(try place.bytes("missing/2.npy") == place.bytes("exact/2.npy"))

        let clusters = try place.program.run(
            "quantize", "--clusters", "none.safetensors", "--precision", "bf16", "data")
        #expect(clusters.code == 64 && clusters.errors.contains("--precision"), "\(clusters.errors)")
    }

    /// Every format says it in a description of its own.
    @Test(arguments: ["tsv", "fairseq", "gslm", "jsonl", "npz", "safetensors", "kaldi", "lhotse"])
    func everyFormatSaysThePrecision(format: String) throws {
        let model = try place.train()
        let before = try place.files()
        let line = "VQW2V_BF16=emulated \"$VQW2V\" quantize -c \(model) -f \(format) --ids combined -o out "
        let rounded = try place.program.shell(line + "--precision bf16 data")
        try #require(rounded.code == 0, "\(rounded.errors)")
        let new = try place.files().subtracting(before)
        let said = try new.filter { name in
            try !name.hasSuffix("/") && place.bytes(name).range(of: Data("bf16".utf8)) != nil
        }
        #expect(said.count == 1, "\(new.sorted())")
        // Ids in float32 are not taken for these.
        let exact = try place.program.shell(line + "--skip-existing data")
        #expect(exact.code == 1 && exact.errors.contains("precision"), "\(exact.errors)")
    }

    @Test func otherPrecisionsAreRefused() throws {
        let result = try train("run", "float16", by: "none")
        #expect(result.code == 64 || result.code == 1, "\(result.code)")
        #expect(result.errors.contains("training.precision") && !place.exists("run"), "\(result.errors)")
    }
}
