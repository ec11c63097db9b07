import Checkpoints
import Evaluation
import Foundation
import Layers
import TensorFiles
import TestSupport
import Testing
import Tokenizers

/// A checkpoint of every version of the format that a program has written, with the ids which that program gave.
///
/// `N.safetensors` is the end of a run of three updates by the last program that wrote version N, `wav2vec2-N` that of
/// the other family, `clusters-N` are clusters of version N, of z of `2.safetensors`; `N.ids` is the second
/// column of what `quantize` wrote for `waveform`. None is ever made anew: a new version gets new files.
@Suite struct VersionTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Versions")

    private static let waveform = (0..<4000).map { Float($0 * ($0 / 50) % 97) / 200 - 0.25 }

    @Test func everyVersionHasItsSample() {
        #expect(Array(1...Checkpoint.Key.currentNumber) == [1, 2])
    }

    private static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private static func ids(_ name: String) throws -> String {
        try String(contentsOfFile: path("\(name).ids"), encoding: .utf8)
    }

    @Test(arguments: [("1", 1), ("2", 2), ("wav2vec2-2", 2)]) func isRead(name: String, version: Int) throws {
        let path = Self.path("\(name).safetensors")
        let checkpoint = try Checkpoint(path: path)
        #expect(try SafetensorsFile(path: path).metadata["format_version"] == "\(version)")
        #expect(checkpoint.updates == 3 && checkpoint.hasRun)
        try checkpoint.check()
        let tokens = try checkpoint.unitModel().quantize(Self.waveform)
        let frames = stride(from: 0, to: tokens.ids.count, by: tokens.groups).map { start in
            tokens.ids[start..<start + tokens.groups].map(String.init).joined(separator: "-")
        }
        #expect(try frames.joined(separator: " ") == Self.ids(name))
    }

    /// Earlier ones have neither a version nor checksums.
    @Test(arguments: [true, false]) func clustersAreRead(hasVersion: Bool) throws {
        let folder = try TemporaryFolder()
        var path = Self.path("clusters-1.safetensors")
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata["format_version"] == "1" && file.hasChecksums)
        if !hasVersion {
            let metadata = file.metadata.filter { !["format_version", "crc32"].contains($0.key) }
            path = folder.file("older.safetensors")
            let centroids = SafetensorsTensor(
                name: "centroids", shape: try file.entry("centroids").shape,
                floats: try file.floats("centroids"))
            try SafetensorsWriter.write(path, tensors: [centroids], metadata: metadata)
        }
        let clusters = try ClusterFile(path: path)
        #expect(clusters.isFinished && clusters.kmeans.clusters == 12)
        let model = try Checkpoint(path: Self.path("2.safetensors"))
        let tokens = try Self.waveform.withUnsafeBufferPointer {
            try ClusterTokenizer(clusters, model).quantize(FrameStore(borrowing: $0))
        }
        #expect(try tokens.ids.map(String.init).joined(separator: " ") == Self.ids("clusters-1"))
    }

    /// Of a checkpoint in use, the program tells damage by name; none is passed over.
    @Test func damage() throws {
        let folder = try TemporaryFolder()
        let path = Self.path("2.safetensors")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for index in stride(from: 0, to: bytes.count, by: 151) {
            var damaged = bytes
            damaged[index] ^= 1 << UInt8(index % 8)
            let copy = try folder.write(damaged, to: "a.safetensors")
            let line = message { try Checkpoint(path: copy).check() }
            #expect(line.contains(copy), "byte \(index): \(line)")
        }
    }

    @Test func lostSums() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.safetensors")
        let file = try SafetensorsFile(path: Self.path("2.safetensors"))
        try SafetensorsWriter.write(
            path, tensors: [], metadata: file.metadata.filter { $0.key != "crc32" })
        #expect(message { _ = try Checkpoint(path: path) }.contains("has lost its checksums"))
    }
}
