import CVqw2v
import Checkpoints
import Evaluation
import Foundation
import Layers
import Synchronization
import Tensors
import TestSupport
import Testing

/// What the functions of `vqw2v.h` return is what the library computes.
@Suite struct CInterfaceTests {
    @Test(arguments: [Files.gumbel, Files.kmeans, Files.huggingFace])
    func idsAreTheLibrarys(path: String) throws {
        let samples = sweep(20000)
        let expected = try Checkpoint(path: path).unitModel().quantize(samples)
        #expect(try CModel(path).quantize(samples) == expected.ids)
        #expect(Set(expected.ids).count > 1)
    }

    @Test func infoSaysWhatIdsAndFramesAre() throws {
        var info = vqw2v_info()
        #expect(try CModel(Files.gumbel).call { vqw2v_get_info($0, &info) } == VQW2V_OK)
        #expect(info.sample_rate == 16000 && info.groups == 2 && info.codewords == 12)
        let configuration = try Checkpoint(path: Files.gumbel).configuration
        #expect(Int(info.window) == configuration.units.receptiveField)
        #expect(
            Int(info.hop) == configuration.units.timing(of: .z, sampleRate: 16000).hop)
        #expect(try CModel(Files.withoutIDs).call { vqw2v_get_info($0, &info) } == VQW2V_OK)
        #expect(info.groups == 0 && info.codewords == 0)
    }

    @Test(arguments: ["z", "logits", "quantized", "c"])
    func featuresAreTheLibrarys(layer: String) throws {
        let samples = sweep(12000)
        let model = try Checkpoint(path: Files.gumbel).featureModel(#require(FeatureLayer(rawValue: layer)))
        let expected = try samples.withUnsafeBufferPointer { try model(FrameStore(borrowing: $0)) }
        let open = try CModel(Files.gumbel)
        for _ in 0..<2 {
            let (values, frames) = try open.extract(samples, layer: layer)
            #expect(frames == expected.shape[0])
            #expect(values == expected.values)
        }
    }

    @Test func descriptionIsThatOfInspect() throws {
        var text: UnsafeMutablePointer<CChar>?
        #expect(try CModel(Files.gumbel).call { vqw2v_describe($0, &text) } == VQW2V_OK)
        let json = String(cString: try #require(text))
        vqw2v_free(text)
        let checkpoint = try Checkpoint(path: Files.gumbel)
        #expect(json == (try CheckpointDescription.json(CheckpointDescription(checkpoint))))
    }

    @Test func filesAreReadAsTheCommandReadsThem() throws {
        let model = try CModel(Files.gumbel)
        var ids = vqw2v_ids()
        #expect(model.call { vqw2v_quantize_file($0, Files.recording, 0, &ids) } == VQW2V_OK)
        let values = Array(UnsafeBufferPointer(start: ids.values, count: ids.frames * ids.groups))
        vqw2v_free(ids.values)
        var features = vqw2v_features()
        #expect(model.call { vqw2v_extract_file($0, Files.recording, "z", 0, &features) } == VQW2V_OK)
        #expect(features.frames == values.count / 2)
        vqw2v_free(features.values)
    }

    @Test func anotherRateIsConvertedWhereThatIsAsked() throws {
        let model = try CModel(Files.gumbel)
        let ids = try model.quantize(sweep(8000), rate: 8000, flags: UInt32(VQW2V_RESAMPLE))
        #expect(ids.count == (try model.quantize(sweep(16000))).count)
    }

    /// Clusters of MFCCs stand alone; those of a layer are read with their model.
    @Test(arguments: [nil, Files.gumbel])
    func clustersTakeThePlaceOfTheModelsIds(checkpoint: String?) throws {
        let folder = try TemporaryFolder()
        let samples = sweep(16000)
        let frames: Tensor
        if let checkpoint {
            let model = try Checkpoint(path: checkpoint).featureModel(.z)
            frames = try samples.withUnsafeBufferPointer { try model(FrameStore(borrowing: $0)) }
        } else {
            frames = samples.withUnsafeBufferPointer { MFCC().features($0) }
        }
        let kmeans = try KMeans(startingFrom: FrameMatrix(frames), clusters: 5, seed: 1)
        let path = folder.file("clusters.safetensors")
        let layer = checkpoint == nil ? "mfcc" : "z"
        try ClusterFile(path: path, kmeans: kmeans, metadata: [ClusterFile.Key.layer: layer]).write()

        let model = try CModel(checkpoint, clusters: path)
        #expect(try model.quantize(samples) == KMeans(ClusterFile(path: path)).assign(frames).labels)
        var info = vqw2v_info()
        #expect(model.call { vqw2v_get_info($0, &info) } == VQW2V_OK)
        #expect(info.groups == 1 && info.codewords == 5)
        var text: UnsafeMutablePointer<CChar>?
        #expect(model.call { vqw2v_describe($0, &text) } == VQW2V_OK)
        let json = String(cString: try #require(text))
        vqw2v_free(text)
        #expect(json.contains("\"units\" : 5"))
        #expect(json.contains("\"codebook\"") == (checkpoint != nil))
    }

    @Test func threadsShareAModel() throws {
        let model = try CModel(Files.kmeans)
        let waveforms = (0..<8).map { sweep(6000 + 700 * $0, start: $0) }
        let expected = try waveforms.map { try model.quantize($0) }
        let layers = try waveforms.map { try model.extract($0, layer: "c").values }
        let wrong = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            let waveform = index % waveforms.count
            let ids = try? model.quantize(waveforms[waveform])
            let layer = try? model.extract(waveforms[waveform], layer: "c").values
            if ids != expected[waveform] || layer != layers[waveform] { wrong.withLock { $0 += 1 } }
        }
        #expect(wrong.withLock { $0 } == 0)
    }

    @Test func versionIsThePrograms() {
        #expect("vqw2v " + String(cString: vqw2v_version()) == Checkpoint.programVersion)
    }
}

extension KMeans {
    /// The centroids that a file holds, which are rounded.
    fileprivate init(_ file: ClusterFile) { self = file.kmeans }
}
