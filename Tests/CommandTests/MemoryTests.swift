import Foundation
import TestSupport
import Testing

/// Memory that cannot be had is an error, and a long recording needs no more of it than a short one.
@Suite(.disabled(if: isSanitized)) struct MemoryTests {
    /// Under whatever limit: all is done, or a line says why not, with the code of a failure; nothing half done is left.
    @Test(arguments: [
        ["train", "data", "--config", "tiny.yaml", "--output", "out", "--threads", "2"],
        ["quantize", "--checkpoint", "run/last.safetensors", "--output", "out", "data"],
        ["extract", "--checkpoint", "run/last.safetensors", "--layer", "c", "--output", "out", "data"],
        ["convert", "run/last.safetensors", "out", "--format", "onnx"],
    ])
    func aLimitOfMemory(arguments: [String]) throws {
        let place = try Workplace()
        try place.train()
        let before = try place.files()
        var codes: Set<Int32> = []
        for megabytes in [140, 170, 200, 230, 260, 300, 340, 400, 500, 1000] {
            let line = arguments.joined(separator: " ")
            let result = try place.program.shell("ulimit -v \(megabytes)000; exec \"$VQW2V\" \(line)")
            // Below some 120 MB not even the program's libraries can be loaded.
            if result.code == 127, result.errors.contains("shared libraries") { continue }
            codes.insert(result.code)
            let errors = result.errorLines.filter { $0.hasPrefix("error: ") }
            #expect(result.code == 0 || result.code == 1, "\(megabytes) MB: \(result.code) \(result.errors)")
            #expect(errors.count == Int(result.code), "\(megabytes) MB: \(result.errors)")
            #expect(errors.allSatisfy { $0.count <= 300 && ($0.contains("memory")) }, "\(result.errors)")
            let left = try place.files().subtracting(before)
            #expect(left.allSatisfy { !$0.contains(".tmp") && !$0.contains("vqw2v-") }, "\(left)")
            try? FileManager.default.removeItem(atPath: "\(place.path)/out")
            try? FileManager.default.removeItem(atPath: "\(place.path)/out.json")
        }
        #expect(codes == [0, 1], "\(codes)")
    }

    /// Sizes that a file's tensors do not have are refused before memory is asked for: here two gigabytes.
    @Test func falseSizes() throws {
        let place = try Workplace()
        let original = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Wav2Vec2Tests/Cases/p01_base/hf").path
        let result = try place.program.shell(
            """
            cp -r '\(original)' hf && chmod -R u+w hf || exit 9
            tr -d '\\n' < '\(original)/config.json' | \
                sed 's/"conv_dim": *\\[[^]]*]/"conv_dim": [10000, 10000, 10000]/' > hf/config.json
            ulimit -v 1000000; exec "$VQW2V" quantize --checkpoint hf data
            """)
        #expect(result.code == 1)
        #expect(
            result.errors.contains("has shape [16, 1, 10], the configuration calls for [10000, 1, 10]"),
            "\(result)")
    }

    /// Three hours, of which the samples alone are 0.7 GB.
    @Test func aLongRecording() throws {
        let place = try Workplace()
        let model = try place.train()
        let samples = 172_800_000
        var head = waveFile(sweep(1000, start: 3))
        for (offset, value) in [(4, 36 + 2 * samples), (40, 2 * samples)] {
            for byte in 0..<4 { head[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
        }
        try place.write(head, to: "long.wav")
        // The rest is a hole.
        #expect(truncate("\(place.path)/long.wav", off_t(44 + 2 * samples)) == 0)
        let result = try place.program.shell(
            "ulimit -v 1450000; exec \"$VQW2V\" quantize --checkpoint \(model) --threads 1 --output ids long.wav"
        )
        #expect(result.code == 0, "\(result.errors)")
    }
}
