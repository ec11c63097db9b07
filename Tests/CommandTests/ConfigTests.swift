import Foundation
import Testing

@Suite struct ConfigTests {
    @Test func printsWhatTrainWouldHave() throws {
        let place = try Workplace()
        let result = try place.program.run(
            "config", "--config", "tiny.yaml", "--set", "quantizer.kind=kmeans", "--preset", "ablation")
        #expect(result.code == 0 && result.errors.isEmpty)
        try place.write(result.output, to: "whole.yaml")
        let run = try place.program.run("train", "data", "--config", "whole.yaml", "-o", "run")
        #expect(run.code == 0, "\(run.errors)")
        #expect(String(decoding: try place.bytes("run/config.yaml"), as: UTF8.self) == result.output)
        #expect(try place.program.run("config", "--config", "whole.yaml").output == result.output)
    }

    @Test func explains() throws {
        let place = try Workplace()
        let one = try place.program.run("config", "--explain", "quantizer.depth")
        #expect(one.code == 0)
        #expect(
            one.output == """
                quantizer.depth
                  Gumbel: linear maps between z and logits
                  paper    1
                  fairseq  1 → 2
                  default  2
                  presets  ablation: 1, paper: 1

                quantizer.depth (wav2vec 2.0)
                  linear maps between z and logits
                  fairseq  `quantizer_depth`
                  default  1

                """)
        let section = try place.program.run("config", "--explain", "quantizer.temperature")
        #expect(section.outputLines.filter { $0.hasPrefix("quantizer.") }.count == 10)
        let heads = try place.program.run("config", "--explain", "transformer.heads")
        #expect(
            heads.output.hasSuffix("  presets  wav2vec2-small: 4, wav2vec2-large: 16\n"), "\(heads.output)")
        let all = try place.program.run("config", "--explain")
        #expect(all.output.contains(heads.output) && all.output.contains("\nquantizer.depth\n"))
        let unknown = try place.program.run("config", "--explain", "quantizer.dept")
        #expect(unknown.code == 1 && unknown.output.isEmpty)
        #expect(unknown.errors == "error: unknown key quantizer.dept; did you mean quantizer.depth?\n")
    }
}
