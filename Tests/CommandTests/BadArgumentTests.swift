import Foundation
import Testing

/// What a command line, a configuration, a checkpoint or an output has wrong is said in one line.
@Suite struct BadArgumentTests {
    @Test(arguments: [
        ("quantiser: {kind: kmeans}\n", "bad.yaml:1: unknown key quantiser", "did you mean quantizer"),
        (
            "quantizer:\n  varables: 8\n", "bad.yaml:2: unknown key quantizer.varables",
            "did you mean quantizer.variables?"
        ),
        ("quantizer: {variables: few}\n", "bad.yaml:1: ", "must be a whole number"),
        ("training: [1, 2\n", "bad.yaml:", "not valid YAML"),
        ("data: {max_sample_size: 20}\n", "bad.yaml:1: data.max_sample_size = 20", "give longer crops"),
    ])
    func aConfiguration(text: String, place line: String, remedy: String) throws {
        let place = try Workplace()
        try place.write(text, to: "bad.yaml")
        let result = try place.program.run("train", "data", "--config", "bad.yaml", "--output", "run")
        #expect(result.code == 1)
        #expect(result.errorLines.count == 1, "\(result.errors)")
        #expect(result.errors.contains(line) && result.errors.contains(remedy), "\(result.errors)")
        #expect(!place.exists("run"))
    }

    @Test(arguments: [
        (["--set", "quantizer.knd=kmeans"], "did you mean quantizer.kind?"),
        (["--set", "quantizer.kind"], "expected KEY=VALUE"),
        (["--set", "quantizer.kind=vector"], "must be one of gumbel, kmeans, none"),
        (["--set", "quantizer.groups=3"], "must divide"),
        (
            ["--set", "prediction.steps=1048576", "--set", "encoder.layers=[[1048576,10,5],[1048576,8,4]]"],
            "billion weights"
        ),
        (["--config", "absent.yaml"], "absent.yaml: no such configuration file"),
        (["--config", "data"], "data: a folder"),
        (["--init-from", "absent.safetensors"], "absent.safetensors cannot be read"),
        (["--init-from", "data/0.wav"], "data/0.wav is not a safetensors file"),
    ])
    func anArgument(arguments: [String], problem: String) throws {
        let place = try Workplace()
        let result = try place.program.run(
            ["train", "data", "--config", "tiny.yaml", "--output", "run"] + arguments)
        #expect(result.code == 1)
        #expect(result.errorLines.count == 1 && result.errors.contains(problem), "\(result.errors)")
        #expect(!place.exists("run"))
    }

    /// These come with a reminder of the usage.
    @Test(arguments: [
        (["train", "data", "--output", "run", "--resume", "--init-from", "x"], "give one of them"),
        (["train", "data", "--output", "run", "--resume", "--preset", "paper"], "leave out --preset"),
        (["train", "data", "--output", "run", "--preset", "large"], "large"),
        (["train", "data", "--output", "run", "--threads", "0"], "--threads must be at least 1"),
        (["train", "data", "--outpt", "run"], "--output"),
        (["train", "--output", "run"], "<data>"),
        (["quantize", "data"], "--checkpoint"),
        (["quantize", "--checkpoint", "x", "--formt", "npy", "data"], "--formt"),
        (["quantise"], "quantise"),
    ])
    func aCommandLine(arguments: [String], problem: String) throws {
        let place = try Workplace()
        let result = try place.program.run(arguments)
        #expect(result.code == 64 && result.output.isEmpty)
        #expect(result.errorLines.first?.hasPrefix("error: ") == true)
        #expect(result.errors.contains(problem), "\(result.errors)")
        #expect(!place.exists("run"))
    }

    @Test func aCheckpoint() throws {
        let place = try Workplace()
        let model = try place.train()
        try place.write(Array(try place.bytes(model).prefix(3000)), to: "cut.safetensors")
        try place.write((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 37) }, to: "garbage.safetensors")
        try place.write([UInt8](), to: "empty.safetensors")
        for name in [
            "absent.safetensors", "cut.safetensors", "garbage.safetensors", "empty.safetensors", "data",
        ] {
            for command in [["inspect", name], ["quantize", "--checkpoint", name, "data"]] {
                let result = try place.program.run(command)
                #expect(result.code == 1 && result.output.isEmpty)
                #expect(result.errorLines.count == 1, "\(result.errors)")
                #expect(result.errors.hasPrefix("error: \(name) "), "\(result.errors)")
            }
        }
    }

    @Test func anOutput() throws {
        let place = try Workplace()
        let model = try place.train()
        let before = try place.files()
        for (arguments, problem) in [
            (["--output", "data"], "data is an input"), (["--output", "run"], "run cannot be written"),
            (["--format", "npy", "--output", "tiny.yaml"], "tiny.yaml is not a folder"),
            (["--output", "data/0.wav"], "data/0.wav is an input"),
            (["--output", "./data/../data/0.wav"], "data/0.wav is an input"),
        ] {
            let result = try place.program.run(["quantize", "--checkpoint", model, "data"] + arguments)
            #expect(result.code == 1 && result.output.isEmpty)
            #expect(result.errorLines.count == 1 && result.errors.contains(problem), "\(result.errors)")
            #expect(try place.files() == before)
        }
        try FileManager.default.createDirectory(
            atPath: place.path + "/taken/log.jsonl", withIntermediateDirectories: true)
        let taken = try place.program.run("train", "data", "--config", "tiny.yaml", "--output", "taken")
        #expect(taken.code == 1 && taken.errors.contains("taken/log.jsonl: the log cannot be written"))
        #expect(!place.exists("taken/log.jsonl.tmp"))
        for (output, problem) in [
            ("tiny.yaml", "tiny.yaml is not a folder; name a folder"),
            (
                "tiny.yaml/run",
                "tiny.yaml/run cannot be created: Not a directory; a part of the path is a file"
            ),
        ] {
            let result = try place.program.run("train", "data", "--config", "tiny.yaml", "--output", output)
            #expect(result.code == 1)
            #expect(result.errors.contains(problem), "\(result.errors)")
        }
    }
}
