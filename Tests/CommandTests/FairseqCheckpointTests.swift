import Foundation
import Testing

/// The commands with a checkpoint of fairseq.
@Suite struct FairseqCheckpointTests {
    private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("GoldenTests/Cases")

    private func path(_ name: String) -> String { Self.golden.appendingPathComponent(name).path }

    @Test func quantize() throws {
        let place = try Workplace()
        let folder = path("p01_gumbel_paper/featurize")
        let command = [
            "quantize", "--checkpoint", path("p01_gumbel_paper/checkpoint_cfg.pt"), "--format", "fairseq",
            folder + "/train.tsv",
        ]
        let result = try place.program.run(command)
        #expect(result.code == 0)
        #expect(try result.output == String(contentsOfFile: folder + "/train.src", encoding: .utf8))
        let pieces = try place.program.run(command + ["--max-samples", "2000"])
        #expect(try pieces.output == String(contentsOfFile: folder + "/train_chunked.src", encoding: .utf8))
        let none = try place.program.run(command + ["--max-samples", "0"])
        #expect(none.code == 64 && none.errors.contains("--max-samples must be at least 1, not 0"))
        let short = try place.program.run(command + ["--max-samples", "9"])
        #expect(
            short.code == 64 && short.errors.contains("--max-samples 9 leaves no frames"), "\(short.errors)")
    }

    @Test func inspect() throws {
        let place = try Workplace()
        let result = try place.program.run("inspect", path("p10_optim_kmeans_clip/checkpoint_args.pt"))
        #expect(result.code == 0 && result.errors.isEmpty)
        for text in [
            "format        fairseq .pt, legacy serialisation, args namespace", "written by    fairseq",
            "codebook      vector_quantizer.embedding", "kind: kmeans", "  usage       not known",
        ] { #expect(result.output.contains(text), "\(text)") }
    }

    @Test func refusals() throws {
        let place = try Workplace()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path("p01_gumbel_paper/checkpoint_args.pt")))
        try place.write(Array(bytes.prefix(9000)), to: "cut.pt")
        let cut = try place.program.run("inspect", "cut.pt")
        #expect(cut.code == 1 && cut.errorLines.count == 1)
        #expect(cut.errors.hasPrefix("error: cut.pt is truncated or damaged"), "\(cut.errors)")
        let plain = try place.program.run(
            "quantize", "--checkpoint", path("p05_wav2vec_none/checkpoint_cfg.pt"), "data")
        #expect(plain.code == 1 && plain.errors.contains("has no token ids"))
        try place.train()
        try place.write(Array(bytes), to: "run/last.safetensors")
        let resume = try place.program.run("train", "data", "--output", "run", "--resume")
        #expect(resume.code == 1 && resume.errorLines.count == 1)
        #expect(
            resume.errors.contains("no state of vqw2v's to resume from; use --init-from"), "\(resume.errors)")
    }
}
