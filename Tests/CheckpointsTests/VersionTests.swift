import Checkpoints
import Foundation
import TensorFiles
import TestSupport
import Testing

/// A checkpoint of every version of the format that a program has written, with the ids which that program gave.
///
/// `N.safetensors` is the end of a run of three updates by the last program that wrote version N, `N.ids` the second
/// column of what `quantize` wrote for `waveform`. Neither is ever made anew: a new version gets new files.
@Suite struct VersionTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Versions")

    private static let waveform = (0..<4000).map { Float($0 * ($0 / 50) % 97) / 200 - 0.25 }

    @Test func everyVersionHasItsSample() {
        #expect(Array(1...Checkpoint.Key.currentNumber) == [1, 2])
    }

    @Test(arguments: 1...2) func isRead(version: Int) throws {
        let path = Self.folder.appendingPathComponent("\(version).safetensors").path
        let checkpoint = try Checkpoint(path: path)
        #expect(try SafetensorsFile(path: path).metadata["format_version"] == "\(version)")
        #expect(checkpoint.updates == 3 && checkpoint.hasRun)
        try checkpoint.check()
        _ = try checkpoint.model()
        let tokens = try checkpoint.inferenceModel().quantize(Self.waveform)
        let frames = stride(from: 0, to: tokens.ids.count, by: tokens.groups).map { start in
            tokens.ids[start..<start + tokens.groups].map(String.init).joined(separator: "-")
        }
        let ids = try String(
            contentsOf: Self.folder.appendingPathComponent("\(version).ids"), encoding: .utf8)
        #expect(frames.joined(separator: " ") == ids)
    }

    /// Of a checkpoint in use, the program tells damage by name; none is passed over.
    @Test func damage() throws {
        let folder = try TemporaryFolder()
        let path = Self.folder.appendingPathComponent("2.safetensors").path
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
        let file = try SafetensorsFile(path: Self.folder.appendingPathComponent("2.safetensors").path)
        try SafetensorsWriter.write(
            path, tensors: [], metadata: file.metadata.filter { $0.key != "crc32" })
        #expect(message { _ = try Checkpoint(path: path) }.contains("has lost its checksums"))
    }
}
