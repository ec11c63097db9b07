import Foundation
import Testing

@Suite struct ExtractTests {
    let place: Workplace
    let model: String

    init() throws {
        place = try Workplace()
        model = try place.train()
    }

    private func extract(_ arguments: String...) throws -> Program.Result {
        try place.program.run(["extract", "--checkpoint", model, "data"] + arguments)
    }

    /// Frames and channels that the header of a `.npy` file tells, and the values.
    private func array(_ name: String) throws -> (shape: [Int], values: [Float]) {
        let bytes = [UInt8](try place.bytes(name))
        let header = String(decoding: bytes.prefix(128), as: UTF8.self)
        #expect(header.contains("'<f4'"))
        let shape = try #require(header.split(separator: "(").last?.split(separator: ")").first)
        let values = stride(from: 128, to: bytes.count, by: 4).map { start in
            Float(bitPattern: bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        }
        return (
            shape.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }, values
        )
    }

    @Test func theLogitsDecideTheIDs() throws {
        let tokens = try place.program.run("quantize", "--checkpoint", model, "data")
        let result = try extract("--layer", "logits", "--output", "logits")
        #expect(result.code == 0 && result.output.isEmpty, "\(result.errors)")
        for (index, line) in tokens.outputLines.enumerated() {
            let ids = line.split(separator: "\t")[1].split { $0 == " " || $0 == "-" }.compactMap { Int($0) }
            let (shape, values) = try array("logits/\(index).npy")
            try #require(shape == [ids.count / 2, 16] && values.count == ids.count * 8)
            let largest = ids.indices.map { place in
                (0..<8).max { values[place * 8 + $0] < values[place * 8 + $1] }
            }
            #expect(largest == ids)
        }
    }

    @Test func formatsHoldTheSameNumbersAndTheTiming() throws {
        for (layer, history) in [("z", 1), ("quantized", 1), ("c", 3)] {
            for (format, output) in [
                ("npy", layer), ("safetensors", "\(layer).st"), ("kaldi", "\(layer).ark"),
                ("npz", "\(layer).npz"),
            ] {
                let result = try extract("--layer", layer, "--format", format, "--output", output)
                #expect(result.code == 0, "\(result.errors)")
                #expect(result.errors.hasPrefix("files             5\n"))
            }
            let tensors = try place.bytes("\(layer).st")
            let archive = try place.bytes("\(layer).ark")
            let zip = try place.bytes("\(layer).npz")
            for index in 0..<5 {
                let (shape, values) = try array("\(layer)/\(index).npy")
                #expect(shape == [(((1500 + 300 * index) - 10) / 5 + 1 - 8) / 4 + 1, 8])
                let content = Data(
                    values.flatMap { value in
                        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
                    })
                #expect(tensors.range(of: content) != nil && archive.range(of: content) != nil)
                #expect(zip.range(of: content) != nil)
            }
            for name in [layer, "\(layer).ark", "\(layer).npz"] {
                let object = try #require(
                    try JSONSerialization.jsonObject(with: place.bytes("\(name).json")) as? [String: Any])
                #expect(object["layer"] as? String == layer)
                #expect(object["frame_rate"] as? Double == 800)
                #expect(object["first_frame_seconds"] as? Double == 0.001375)
                #expect(object["history_frames"] as? Int == history)
                #expect((object["checkpoint_sha256"] as? String)?.count == 64)
            }
        }
    }

    @Test func whatCannotBeHad() throws {
        let kmeans = try place.train("kmeans", "--set", "quantizer.kind=kmeans")
        let none = try place.train("none", "--set", "quantizer.kind=none")
        let before = try place.files()
        for (checkpoint, layer, problem) in [
            (
                kmeans, "logits",
                "\(kmeans): the model has no layer logits: its k-means quantizer goes by distances"
            ),
            (none, "logits", "\(none): the model has no layer logits: it has no quantizer"),
            (none, "quantized", "\(none): the model has no layer quantized: it has no quantizer"),
        ] {
            let result = try place.program.run(
                "extract", "--checkpoint", checkpoint, "--layer", layer, "--output", "out", "data")
            #expect(result.code == 1 && result.errorLines.count == 1)
            #expect(result.errors.hasPrefix("error: \(problem)"), "\(result.errors)")
        }
        let taken = try extract("--layer", "z", "--output", "tiny.yaml")
        #expect(taken.code == 1 && taken.errors.contains("tiny.yaml is not a folder"), "\(taken.errors)")
        let same = try extract("--layer", "z", "--output", "out", "./data/../data/0.wav", "run/../data")
        #expect(same.code == 0 && same.errors.hasPrefix("files             5\n"), "\(same.errors)")
        let unknown = try extract("--layer", "q", "--output", "out")
        #expect(unknown.code == 64 && unknown.errors.contains("'q' is invalid"))
        #expect(
            try place.files().subtracting(before)
                == Set(["out", "out.json"] + (0..<5).map { "out/\($0).npy" }))
        for (checkpoint, output) in [(kmeans, "of-kmeans"), (none, "of-none")] {
            let result = try place.program.run(
                "extract", "--checkpoint", checkpoint, "--layer", "c", "--output", output, "data")
            #expect(result.code == 0)
        }
    }

    @Test func aRecordingThatCannotBeUsedIsLeftOut() throws {
        try place.write(waveFile([Int16](repeating: 0, count: 2000)), to: "silent.wav")
        try place.write(waveFile(sweep(20, start: 0)), to: "short.wav")
        let result = try extract(
            "--layer", "z", "--format", "kaldi", "--output", "z", "silent.wav", "short.wav", "absent.wav")
        #expect(result.code == 1)
        #expect(result.errors.contains("error: silent.wav: every sample is zero"))
        #expect(result.errors.contains("error: short.wav: 20 samples are too short"))
        #expect(result.errors.contains("error: absent.wav: no such file"))
        #expect(result.errorLines.last == "3 of the inputs could not be used")
        #expect(String(decoding: try place.bytes("z.scp"), as: UTF8.self).split(separator: "\n").count == 5)
    }
}
