import CInterface
import CVqw2v
import Foundation
import TestSupport
import Testing

/// Files of other tests.
enum Files {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func path(_ name: String) -> String { root.appending(path: name).path }

    static let gumbel = path("Tests/GoldenTests/Cases/p01_gumbel_paper/checkpoint_cfg.pt")
    static let kmeans = path("Tests/GoldenTests/Cases/p03_kmeans_combined/checkpoint_cfg.pt")
    static let withoutIDs = path("Tests/GoldenTests/Cases/p05_wav2vec_none/checkpoint_cfg.pt")
    static let huggingFace = path("Tests/Wav2Vec2Tests/Cases/p01_base/hf")
    static let recording = path("data/test/ru_0762.flac")
}

/// A model of the C interface, closed at the end. Unchecked: the interface lets threads share a model.
final class CModel: @unchecked Sendable {
    private let handle: OpaquePointer

    init(_ checkpoint: String?, clusters: String? = nil) throws {
        var handle: OpaquePointer?
        let status = vqw2v_open(checkpoint, clusters, &handle)
        try #require(status == VQW2V_OK, "\(lastSentence())")
        self.handle = try #require(handle)
    }

    deinit { vqw2v_close(handle) }

    /// Hands over the handle, which is open as long as `body` runs.
    func call<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        withExtendedLifetime(self) { body(handle) }
    }

    func quantize(_ samples: [Float], rate: Int32 = 16000, flags: UInt32 = 0) throws -> [Int32] {
        var ids = vqw2v_ids()
        let status = call { vqw2v_quantize($0, samples, samples.count, rate, flags, &ids) }
        try #require(status == VQW2V_OK, "\(lastSentence())")
        defer { vqw2v_free(ids.values) }
        return Array(UnsafeBufferPointer(start: ids.values, count: ids.frames * ids.groups))
    }

    func extract(_ samples: [Float], layer: String) throws -> (values: [Float], frames: Int) {
        var features = vqw2v_features()
        let status = call { vqw2v_extract($0, samples, samples.count, 16000, layer, 0, &features) }
        try #require(status == VQW2V_OK, "\(lastSentence())")
        defer { vqw2v_free(features.values) }
        let count = features.frames * features.channels
        return (Array(UnsafeBufferPointer(start: features.values, count: count)), features.frames)
    }
}

func lastSentence() -> String { String(cString: vqw2v_last_error()) }

/// A tone that rises and falls, within ±0.3.
func sweep(_ count: Int, start: Int = 0) -> [Float] {
    var phase = 0.0
    return (0..<count).map { index in
        phase += 0.1 + 0.3 * abs(sin(Double(index + 500 * start) / 700))
        return Float(0.3 * sin(phase))
    }
}

/// The bytes of a 16-bit WAV file.
func wave(_ values: [Int16], rate: UInt32) -> [UInt8] {
    var bytes = Array("RIFF".utf8) + little(UInt32(36 + 2 * values.count)) + Array("WAVEfmt ".utf8)
    bytes += little(UInt32(16)) + little(UInt16(1)) + little(UInt16(1)) + little(rate) + little(2 * rate)
    bytes += little(UInt16(2)) + little(UInt16(16)) + Array("data".utf8)
    return bytes + little(UInt32(2 * values.count)) + values.flatMap { little($0) }
}
