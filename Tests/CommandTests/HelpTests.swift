import Foundation
import Testing

/// What the program says of itself.
@Suite struct HelpTests {
    private static let commands = [
        [], ["train"], ["config"], ["quantize"], ["extract"], ["evaluate"], ["cluster"], ["inspect"],
        ["convert"],
    ]

    @Test(arguments: commands) func helpEndsWithExamplesThatAreCommandLines(command: [String]) throws {
        let place = try Workplace()
        let result = try place.program.run(command + ["--help"])
        #expect(result.code == 0 && result.errors.isEmpty)
        let parts = result.output.components(separatedBy: "\nEXAMPLES:\n")
        let examples = try #require(parts.count == 2 ? parts.last : nil).split(separator: "\n")
        #expect(examples.count > 1)
        for example in examples {
            // Up to where the shell sends the output; whatever sends the input comes before.
            let call = example.components(separatedBy: "vqw2v ").dropFirst().joined(separator: "vqw2v ")
                .prefix { $0 != ">" && $0 != "|" }
            let run = try place.program.shell("\"$VQW2V\" \(call) < /dev/null")
            #expect(run.code != 64, "\(example): \(run.errors)")
        }
        if !command.isEmpty { #expect(try place.program.run(["help"] + command).output == result.output) }
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completions(shell: String) throws {
        let place = try Workplace()
        let script = try place.program.run("--generate-completion-script", shell)
        #expect(script.code == 0)
        for word in [
            "safetensors", "quantizer.kind=", "kmeans_weight", "ablation", "lhotse", "logits",
            "transformer.heads=",
        ] {
            #expect(script.output.contains(word), "\(word)")
        }
    }

    @Test func shortOptions() throws {
        let place = try Workplace()
        let model = try place.train()
        let long = try place.program.run(
            "quantize", "--checkpoint", model, "--format", "jsonl", "--output", "long.jsonl", "data")
        let short = try place.program.run("quantize", "-c", model, "-f", "jsonl", "-o", "short.jsonl", "data")
        #expect(long.code == 0 && short.code == 0, "\(short.errors)")
        #expect(try place.bytes("long.jsonl") == place.bytes("short.jsonl"))
        for arguments in [
            ["extract", "-c", model, "--layer", "z", "-f", "safetensors", "-o", "z.safetensors", "data"],
            ["convert", model, "codes", "-f", "codebook"],
            ["train", "data", "--config", "tiny.yaml", "-o", "two"],
        ] {
            let result = try place.program.run(arguments)
            #expect(result.code == 0, "\(result.errors)")
        }
    }
}
