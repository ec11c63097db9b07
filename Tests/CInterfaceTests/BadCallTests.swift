import CInterface
import CVqw2v
import Foundation
import Layers
import Speech
import TestSupport
import Testing

/// Nothing that a caller hands over ends its process: a status and a sentence come back, and nothing is written.
@Suite struct BadCallTests {
    private func open(_ checkpoint: String?, _ clusters: String? = nil) -> (vqw2v_status, String) {
        var model: OpaquePointer?
        let status = vqw2v_open(checkpoint, clusters, &model)
        #expect(model == nil)
        return (status, lastSentence())
    }

    @Test func whatCannotBeOpened() throws {
        let folder = try TemporaryFolder()
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Files.gumbel)))
        let truncated = try folder.write(Array(whole[..<(whole.count / 2)]), to: "half.pt")
        let empty = try folder.write([UInt8](), to: "empty.pt")
        let cases: [(String?, String?, vqw2v_status, String)] = [
            (nil, nil, VQW2V_INVALID, "neither"),
            ("", nil, VQW2V_INVALID, "a file name is empty"),
            (folder.file("none.pt"), nil, VQW2V_NOT_FOUND, "none.pt cannot be read: No such file"),
            (folder.path, nil, VQW2V_UNUSABLE, "without best.safetensors"),
            (truncated, nil, VQW2V_UNUSABLE, "half.pt"),
            (empty, nil, VQW2V_UNUSABLE, "empty.pt"),
            (Files.recording, nil, VQW2V_UNUSABLE, "ru_0762.flac"),
            (nil, Files.gumbel, VQW2V_UNUSABLE, "checkpoint_cfg.pt"),
            (Files.gumbel, folder.file("none.safetensors"), VQW2V_NOT_FOUND, "none.safetensors"),
        ]
        for (checkpoint, clusters, status, sentence) in cases {
            let got = open(checkpoint, clusters)
            #expect(got.0 == status, "\(got.1)")
            #expect(got.1.contains(sentence) && !got.1.contains("\n") && got.1.count <= 300)
        }
        #expect(vqw2v_open(Files.gumbel, nil, nil) == VQW2V_INVALID)
    }

    @Test func samplesThatCannotBeMeant() throws {
        let model = try CModel(Files.gumbel)
        let good = sweep(4000)
        var (nan, infinite) = (good, good)
        (nan[7], infinite[9]) = (.nan, -.infinity)
        let loud = good.map { $0 * 1e38 }
        let cases: [([Float]?, Int, Int32, UInt32, String)] = [
            (nil, 100, 16000, 0, "samples is a null pointer"),
            (good, 0, 16000, 0, "is empty"),
            (good, -1, 16000, 0, "longer than"),
            (good, .max, 16000, 0, "longer than"),
            (good, .min, 16000, 0, "longer than"),
            (good, 10, 16000, 0, "too short"),
            (nan, 4000, 16000, 0, "sample 7 of the waveform is NaN"),
            (infinite, 4000, 16000, 0, "sample 9 of the waveform is infinite"),
            (loud, 4000, 16000, 0, "not finite"),
            (good, 4000, 8000, 0, "needed are 16000 Hz: convert it, or have it resampled (VQW2V_RESAMPLE)"),
            (good, 4000, 0, 1, "must be positive"),
            (good, 4000, .min, 1, "must be positive"),
            (good, 4000, .max, 1, "no speech"),
            (good, 4000, 16000, 2, "no flags 2"),
        ]
        for (samples, count, rate, flags, sentence) in cases {
            var ids = vqw2v_ids()
            #expect(model.call { vqw2v_quantize($0, samples, count, rate, flags, &ids) } == VQW2V_INVALID)
            #expect(lastSentence().contains(sentence), "\(lastSentence())")
            #expect(ids.values == nil)
            var features = vqw2v_features()
            #expect(
                model.call { vqw2v_extract($0, samples, count, rate, "z", flags, &features) } == VQW2V_INVALID
            )
            #expect(lastSentence().contains(sentence), "\(lastSentence())")
            #expect(features.values == nil)
        }
    }

    @Test func layersThatThereAreNot() throws {
        let (model, samples) = (try CModel(Files.kmeans), sweep(4000))
        for layer in [nil, "", "Z", "layer.0", "layer.99999999999999999999", "layer.100", "logits"] {
            var features = vqw2v_features()
            #expect(
                model.call { vqw2v_extract($0, samples, 4000, 16000, layer, 0, &features) } == VQW2V_INVALID)
            #expect(features.values == nil)
            #expect(!lastSentence().isEmpty)
        }
        var ids = vqw2v_ids()
        let plain = try CModel(Files.withoutIDs)
        #expect(plain.call { vqw2v_quantize($0, samples, 4000, 16000, 0, &ids) } == VQW2V_UNUSABLE)
        #expect(lastSentence().contains("no quantizer"))
    }

    @Test func filesThatCannotBeUsed() throws {
        let (model, folder) = (try CModel(Files.gumbel), try TemporaryFolder())
        let text = try folder.write("not audio", to: "text.wav")
        let cases: [(String?, vqw2v_status)] = [
            (nil, VQW2V_INVALID), (folder.file("none.wav"), VQW2V_NOT_FOUND), (text, VQW2V_UNUSABLE),
            (folder.path, VQW2V_UNUSABLE),
        ]
        for (path, status) in cases {
            var ids = vqw2v_ids()
            #expect(model.call { vqw2v_quantize_file($0, path, 0, &ids) } == status, "\(lastSentence())")
            #expect(ids.values == nil)
        }
    }

    /// Names need not be UTF-8: what stands behind one is there, and damaged.
    @Test func filesOfOtherNames() throws {
        let (model, folder) = (try CModel(Files.gumbel), try TemporaryFolder())
        let text = try folder.write("not audio", to: "text")
        // Latin-1.
        let name = Array(folder.path.utf8) + Array("/gar".utf8) + [0xE7] + Array("on.wav".utf8)
        let path = (name + [0]).map { CChar(bitPattern: $0) }
        try #require(rename(text, path) == 0)
        var ids = vqw2v_ids()
        #expect(model.call { vqw2v_quantize_file($0, path, 0, &ids) } == VQW2V_UNUSABLE)
        #expect(lastSentence().contains("is not audio"), "\(lastSentence())")
        var features = vqw2v_features()
        #expect(model.call { vqw2v_extract_file($0, path, "z", 0, &features) } == VQW2V_UNUSABLE)
        // Models are named in UTF-8.
        var opened: OpaquePointer?
        #expect(vqw2v_open(path, nil, &opened) == VQW2V_INVALID)
        #expect(lastSentence().contains("checkpoint is not UTF-8"), "\(lastSentence())")
        try #require(remove(path) == 0)
        #expect(model.call { vqw2v_quantize_file($0, path, 0, &ids) } == VQW2V_NOT_FOUND)
    }

    /// A recording is blamed for what is wrong with it, and for nothing else.
    @Test func whatARecordingIsNotToBlameFor() throws {
        let (kmeans, folder) = (try CModel(Files.kmeans), try TemporaryFolder())
        var features = vqw2v_features()
        for layer in ["layer.100", "logits", "Z"] {
            let status = kmeans.call { vqw2v_extract_file($0, Files.recording, layer, 0, &features) }
            #expect(status == VQW2V_INVALID, "\(layer): \(lastSentence())")
            #expect(!lastSentence().contains("leave it out"), "\(lastSentence())")
        }
        let short = try folder.write(wave([1, 2, 3], rate: 16000), to: "short.wav")
        #expect(kmeans.call { vqw2v_extract_file($0, short, "z", 0, &features) } == VQW2V_UNUSABLE)
        #expect(lastSentence().hasSuffix("; leave it out") && lastSentence().hasPrefix("\(short): "))
        // Too large is a matter of the machine, of a recording in memory and in a file.
        let large = ModelError.tooLarge(.c, needed: 2e9, available: 1e9)
        #expect(status(of: large) == VQW2V_SYSTEM)
        let named = #expect(throws: AudioError.self) { try AudioError.naming("long.wav") { throw large } }
        #expect(status(of: try #require(named)) == VQW2V_SYSTEM)
    }

    /// Files are refused with the remedy of C, too.
    @Test func filesOfOtherRates() throws {
        let (model, folder) = (try CModel(Files.gumbel), try TemporaryFolder())
        let path = try folder.write(wave((0..<4000).map { Int16($0) }, rate: 8000), to: "--resample.wav")
        var ids = vqw2v_ids()
        #expect(model.call { vqw2v_quantize_file($0, path, 0, &ids) } == VQW2V_UNUSABLE)
        #expect(
            lastSentence() == "\(path): is sampled at 8000 Hz, needed are 16000 Hz: convert it, or have it "
                + "resampled (VQW2V_RESAMPLE)")
        try #require(model.call { vqw2v_quantize_file($0, path, UInt32(VQW2V_RESAMPLE), &ids) } == VQW2V_OK)
        vqw2v_free(ids.values)
    }

    @Test func nullPointers() throws {
        let model = try CModel(Files.gumbel)
        var (info, ids, text) = (vqw2v_info(), vqw2v_ids(), UnsafeMutablePointer<CChar>?.none)
        #expect(vqw2v_get_info(nil, &info) == VQW2V_INVALID)
        #expect(model.call { vqw2v_get_info($0, nil) } == VQW2V_INVALID)
        #expect(vqw2v_describe(nil, &text) == VQW2V_INVALID)
        #expect(model.call { vqw2v_describe($0, nil) } == VQW2V_INVALID)
        #expect(vqw2v_quantize(nil, sweep(4000), 4000, 16000, 0, &ids) == VQW2V_INVALID)
        #expect(model.call { vqw2v_quantize($0, sweep(4000), 4000, 16000, 0, nil) } == VQW2V_INVALID)
        #expect(vqw2v_quantize_file(nil, Files.recording, 0, &ids) == VQW2V_INVALID)
        vqw2v_close(nil)
        vqw2v_free(nil)
    }

    @Test func errorsBelongToTheirThread() throws {
        #expect(open("/nothing/here.pt").0 == VQW2V_NOT_FOUND)
        let thread = Thread {
            #expect(lastSentence().isEmpty)
            _ = vqw2v_open(nil, nil, nil)
        }
        thread.start()
        while !thread.isFinished { usleep(1000) }
        #expect(lastSentence().contains("/nothing/here.pt"))
    }
}
