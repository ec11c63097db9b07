import ArgumentParser
import Checkpoints
import Files
import Foundation

struct Inspect: ParsableCommand, Exemplified {
    static let configuration = CommandConfiguration(
        abstract: "Describe a checkpoint: configuration, parameters, codebook, provenance.",
        usage: "vqw2v inspect [--json] <checkpoint>",
        discussion: "What the file does not say is left out.")

    static let examples = [
        "vqw2v inspect runs/first/best.safetensors",
        "vqw2v inspect --json vq-wav2vec.pt | jq .configuration.quantizer",
    ]

    @Argument(
        help: "Checkpoint of vqw2v, of fairseq (.pt), or a folder of Hugging Face.", completion: .checkpoint)
    var checkpoint: String

    @Flag(help: "Write an object of JSON instead of text.")
    var json = false

    func run() throws {
        let checkpoint = try Checkpoint(path: checkpoint)
        try checkpoint.check()
        let description = try CheckpointDescription(checkpoint)
        try StandardOutput().write(json ? CheckpointDescription.json(description) : description.text())
    }
}
