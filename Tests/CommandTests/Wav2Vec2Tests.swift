import Foundation
import Testing

/// The commands with a model of wav2vec 2.0, which they do not know from another.
@Suite struct Wav2Vec2Tests {
    private static let configuration = """
        family: wav2vec2
        extractor: {layers: [[8, 10, 5], [8, 8, 4]]}
        quantizer: {groups: 2, variables: 8}
        transformer: {layers: 2, width: 16, inner_width: 24, heads: 2, position_kernel: 6, position_groups: 2}
        mask: {time: {length: 4}}
        prediction: {width: 12, negatives: 5}
        data: {max_sample_size: 1000, max_samples: 4000, max_utterances: 2, validation_fraction: 0.2}
        training: {max_updates: 2, accumulate_batches: 1, log_every: 1, validate_every: 0, save_every: 0}

        """

    let place: Workplace
    let model: String

    init() throws {
        place = try Workplace()
        try place.write(Self.configuration, to: "tiny.yaml")
        model = try place.train()
    }

    /// Ids are the largest logits, whatever the other recordings are; frames are where the extractor has them.
    @Test func theLogitsDecideTheIDs() throws {
        let all = try place.program.run("quantize", "-c", model, "data")
        #expect(all.code == 0 && all.outputLines.count == 5, "\(all.errors)")
        let one = try place.program.run("quantize", "-c", model, "--threads", "1", "data/2.wav")
        #expect(one.outputLines.first == all.outputLines[2])
        let logits = try place.program.run(
            "extract", "-c", model, "--layer", "logits", "-o", "logits", "data/2.wav")
        #expect(logits.code == 0, "\(logits.errors)")
        let values = [UInt8](try place.bytes("logits/2.npy").dropFirst(128))
        let ids = all.outputLines[2].split(separator: "\t")[1].split { $0 == " " || $0 == "-" }
            .compactMap { Int($0) }
        #expect(values.count == ids.count * 8 * 4 && ids.count == 2 * 103)
        for (place, id) in ids.enumerated() {
            let row = (0..<8).map { column in
                Float(
                    bitPattern: values[4 * (8 * place + column)..<4 * (8 * place + column + 1)].reversed()
                        .reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
            }
            #expect(row.max() == row[id])
        }
    }

    /// With the same masks and negatives every time; TensorBoard sees the codebook.
    @Test func predictionsAreJudged() throws {
        let result = try place.program.run("evaluate", "-c", model, "data", "--no-baseline", "--json")
        #expect(result.code == 0, "\(result.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let system = try #require((object?["systems"] as? [[String: Any]])?.first)
        let prediction = try #require(system["prediction"] as? [String: Any])
        let bits = try #require(prediction["loss_bits"] as? Double)
        #expect(bits > 0 && bits < 10 && (prediction["chance_bits"] as? Double ?? 0) > 2)
        #expect(prediction["accuracy"] is Double)
        let again = try place.program.run(
            "evaluate", "-c", model, "data", "--no-baseline", "--json", "--threads", "3")
        #expect(again.output == result.output)
        let events = try #require(try place.files().first { $0.contains("tfevents") })
        for tag in ["codebook/chosen/2", "codebook/similarity", "clip/spectrogram/1", "clip/audio/1"] {
            #expect(try place.bytes(events).firstRange(of: Data(tag.utf8)) != nil, "\(tag)")
        }
    }

    @Test(arguments: [("z", 8), ("quantized", 12), ("c", 16), ("layer.1", 16), ("layer.2", 16)])
    func features(layer: String, channels: Int) throws {
        let result = try place.program.run(
            "extract", "-c", model, "--layer", layer, "-o", "out", "data/2.wav")
        #expect(result.code == 0, "\(result.errors)")
        #expect(try place.bytes("out/2.npy").count == 128 + 103 * channels * 4)
        let description = try #require(
            try JSONSerialization.jsonObject(with: place.bytes("out.json")) as? [String: Any])
        #expect(description["layer"] as? String == layer)
        #expect(description["hop_samples"] as? Int == 20 && description["window_samples"] as? Int == 45)
    }

    /// Of pieces each is computed alone: their frames follow one another, and differ from those of the whole.
    @Test func piecesAreComputedAlone() throws {
        for (name, options) in [("whole", []), ("halves", ["--max-samples", "1050"])] {
            let result = try place.program.run(
                ["extract", "-c", model, "--layer", "c", "-o", name, "data/2.wav"] + options)
            #expect(result.code == 0, "\(result.errors)")
        }
        // 2100 samples: 103 frames, or 51 of each half.
        let (whole, halves) = (try place.bytes("whole/2.npy"), try place.bytes("halves/2.npy"))
        #expect(whole.count == 128 + 103 * 16 * 4 && halves.count == 128 + 2 * 51 * 16 * 4)
        #expect(whole.dropFirst(128).prefix(640) != halves.dropFirst(128).prefix(640))
        #expect(
            String(decoding: try place.bytes("halves.json"), as: UTF8.self).contains("\"max_samples\" : 1050")
        )
        let few = try place.program.run(
            "extract", "-c", model, "--layer", "c", "-o", "few", "--max-samples", "44", "data/2.wav")
        #expect(few.code == 64 && few.errors.contains("--max-samples 44 leaves no frames"), "\(few.errors)")
    }

    /// What needs no code of the model's.
    @Test func evaluateAndCluster() throws {
        let clusters = try place.program.run(
            "cluster", "-c", model, "--layer", "layer.1", "--units", "4", "-o", "clusters.safetensors", "data"
        )
        #expect(clusters.code == 0, "\(clusters.errors)")
        let ids = try place.program.run(
            "quantize", "-c", model, "--clusters", "clusters.safetensors", "data")
        #expect(ids.code == 0 && ids.outputLines.count == 5, "\(ids.errors)")
        let figures = try place.program.run("evaluate", "-c", model, "data")
        #expect(figures.code == 0 && figures.output.contains("ids that change"), "\(figures.errors)")
        #expect(figures.output.contains("prediction, bits (chance)"))
    }

    @Test func refusals() throws {
        let beyond = try place.program.run("extract", "-c", model, "--layer", "layer.3", "-o", "out", "data")
        #expect(beyond.code == 1 && beyond.errors.contains("its transformer has 2 layers"))
        let zero = try place.program.run("extract", "-c", model, "--layer", "layer.0", "-o", "out", "data")
        #expect(zero.code == 64 && zero.errors.contains("'layer.N'"))
    }

    @Test func inspectAndConvert() throws {
        let text = try place.program.run("inspect", model).output
        for line in [
            "  transformer         4,742",
            "codebook      quantizer.vars [1 × 16 × 6]: 2 groups of 8 codewords",
            "  family: wav2vec2",
        ] { #expect(text.contains(line), "\(line)") }
        #expect(try place.program.run("convert", model, "weights.safetensors").code == 0)
        let ids = try place.program.run("quantize", "-c", model, "data").output
        #expect(try place.program.run("quantize", "-c", "weights.safetensors", "data").output == ids)
        #expect(try place.program.run("convert", model, "m.onnx").code == 0)
        let onnx = String(decoding: try place.bytes("m.onnx"), as: UTF8.self)
        #expect(onnx.contains("wav2vec 2.0 tokenizer") && onnx.contains("ArgMax"))
        #expect(try place.program.run("convert", model, "codebook", "-f", "codebook").code == 0)
        #expect(try place.bytes("codebook/codebook.npy").count == 128 + 2 * 8 * 6 * 4)
    }

    /// To fairseq's file and to a folder of Hugging Face and back: the same ids, and all that was known.
    @Test(arguments: [["m.pt"], ["m.pt", "--style", "args"], ["hf", "--format", "hf"]])
    func throughOthersAndBack(arguments: [String]) throws {
        let ids = try place.program.run("quantize", "-c", model, "data").output
        let result = try place.program.run(["convert", model] + arguments)
        #expect(result.code == 0 && result.output.isEmpty, "\(result.errors)")
        let notes = result.errorLines
        #expect(notes.count == (arguments[0] == "hf" ? 2 : 0) && notes.allSatisfy { $0.hasPrefix("note: ") })
        #expect(try place.program.run("quantize", "-c", arguments[0], "data").output == ids)
        let (before, after) = (try description(model), try description(arguments[0]))
        for key in ["configuration", "update", "parameters"] {
            #expect(try text(before[key]) == text(after[key]), "\(key)")
        }
        let origin = try #require(after["origin"] as? [String: Any])
        let hash = try place.program.shell("sha256sum \(model)").output.prefix(64)
        #expect(origin["checkpoint_sha256"] as? String == String(hash))
        #expect(after["program"] as? String == before["program"] as? String)
        // And from there to our own, which then comes from elsewhere.
        #expect(try place.program.run("convert", arguments[0], "back.safetensors").code == 0)
        #expect(try place.program.run("quantize", "-c", "back.safetensors", "data").output == ids)
        #expect(try place.program.run("inspect", "back.safetensors").output.contains("made from     "))
    }

    /// With sorted keys.
    private func text(_ json: Any?) throws -> String {
        let data = try JSONSerialization.data(
            withJSONObject: [try #require(json)], options: .sortedKeys)
        return String(decoding: data, as: UTF8.self)
    }

    private func description(_ checkpoint: String) throws -> [String: Any] {
        let json = try place.program.run("inspect", "--json", checkpoint).output
        return try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    /// HuBERT's units are clusters of its layers, and whoever asks for others is told so.
    @Test func hubert() throws {
        let hubert = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "CheckpointsTests/Cases/hubert_base.pt").path
        let alone = try place.program.run("quantize", "-c", hubert, "data")
        #expect(alone.code == 1 && alone.output.isEmpty && alone.errorLines.count == 1, "\(alone.errors)")
        #expect(alone.errors.contains("vqw2v cluster --layer layer.N"))
        let clusters = try place.program.run(
            "cluster", "-c", hubert, "--layer", "layer.2", "--units", "5", "-o", "clusters.safetensors",
            "data")
        #expect(clusters.code == 0, "\(clusters.errors)")
        let ids = try place.program.run(
            "quantize", "-c", hubert, "--clusters", "clusters.safetensors", "data")
        #expect(ids.code == 0 && ids.outputLines.count == 5, "\(ids.errors)")
        #expect(Set(ids.output.split { " \n".contains($0) }).count > 5)
        let features = try place.program.run(
            "extract", "-c", hubert, "--layer", "c", "-o", "out", "data/2.wav")
        #expect(features.code == 0, "\(features.errors)")
        let text = try place.program.run("inspect", hubert).output
        for line in [
            "  transformer         ", "  family: hubert", "    normalizes_waveforms: false",
            "codebook      none: HuBERT's units are clusters",
        ] { #expect(text.contains(line), "\(line) in \(text)") }
        for arguments in [["m.pt"], ["m.onnx"], ["book", "-f", "codebook"]] {
            let result = try place.program.run(["convert", hubert] + arguments)
            #expect(result.code == 1 && result.errorLines.count == 1, "\(result.errors)")
            #expect(!place.exists(arguments[0]))
        }
        let train = try place.program.run("train", "data", "--set", "family=hubert", "--output", "run2")
        #expect(train.code != 0 && train.errors.contains("read but not trained"), "\(train.errors)")
    }
}
