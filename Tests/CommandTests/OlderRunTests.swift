import Foundation
import Testing

/// Version 1 of checkpoints is version 2 without checksums.
@Suite struct OlderRunTests {
    @Test(arguments: [[], ["--set", "quantizer.kind=kmeans"]])
    func aRunOfVersion1GoesOnBitForBit(settings: [String]) throws {
        let place = try Workplace()
        let command = ["train", "data", "--config", "tiny.yaml", "-o"]
        for (name, options) in [("whole", []), ("older", ["--stop-after", "4"])] {
            let run = try place.program.run(command + [name] + options + settings)
            try #require(run.code == 0, "\(run.errors)")
        }
        let file = "older/last.safetensors"
        let stopped = try place.bytes(file)
        let older = try version1(of: stopped)
        #expect(older.count == stopped.count && older != stopped)
        try place.write([UInt8](older), to: file)
        let resumed = try place.program.run("train", "data", "-o", "older", "--resume")
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(try place.bytes(file) == place.bytes("whole/last.safetensors"))
    }

    /// The header's JSON without checksums, filled up with blanks to the length it had.
    private func version1(of checkpoint: Data) throws -> Data {
        let length = checkpoint.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let text = checkpoint[8..<8 + length]
        var header = try #require(JSONSerialization.jsonObject(with: text) as? [String: Any])
        var metadata = try #require(header["__metadata__"] as? [String: String])
        try #require(metadata.removeValue(forKey: "crc32") != nil)
        #expect(metadata.updateValue("1", forKey: "format_version") == "2")
        header["__metadata__"] = metadata
        let changed = try JSONSerialization.data(withJSONObject: header, options: .withoutEscapingSlashes)
        let blanks = Data(repeating: 0x20, count: length - changed.count)
        return checkpoint.prefix(8) + changed + blanks + checkpoint.dropFirst(8 + length)
    }
}
