import Checkpoints
import Foundation
import TestSupport
import Testing
import Training

/// fairseq's own files with something wrong: each is a model or one error that names the file.
@Suite struct CheckpointDamageTests {
    /// One of each kind, the smallest.
    static let files = ["checkpoint_args", "checkpoint_cfg", "checkpoint_half"].compactMap { name in
        GoldenCheckpoint.all.filter { $0.name == name }.min { size($0) < size($1) }
    }

    private static func size(_ checkpoint: GoldenCheckpoint) -> Int {
        (try? Data(contentsOf: URL(fileURLWithPath: checkpoint.path)).count) ?? .max
    }

    /// A copy of a file that is changed in place.
    private final class Copy {
        private let folder: TemporaryFolder
        let path: String
        let bytes: [UInt8]
        private let handle: FileHandle

        init(_ checkpoint: GoldenCheckpoint) throws {
            bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: checkpoint.path)))
            folder = try TemporaryFolder()
            path = try folder.write(bytes, to: "copy.pt")
            handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        }

        func cut(to length: Int) throws { try handle.truncate(atOffset: UInt64(length)) }

        func put(_ value: UInt8, at position: Int) throws {
            try handle.seek(toOffset: UInt64(position))
            try handle.write(contentsOf: [value])
        }

        /// The error; nil where the file gives a model.
        func refusal() -> String? {
            do {
                _ = try Checkpoint(path: path).model()
                return nil
            } catch {
                return "\(error)"
            }
        }

        func check(_ text: String?) {
            guard let text else { return }
            #expect(text.hasPrefix(path) && !text.contains("\n") && text.count < 700, "\(text)")
        }
    }

    @Test(arguments: files)
    func everyTruncation(_ checkpoint: GoldenCheckpoint) throws {
        let copy = try Copy(checkpoint)
        #expect(copy.refusal() == nil)
        for length in (0..<copy.bytes.count).reversed() {
            try copy.cut(to: length)
            let text = copy.refusal()
            copy.check(text)
            if text == nil {
                Issue.record("\(checkpoint.testDescription) cut to \(length) bytes is read")
                return
            }
        }
    }

    /// A changed number is another model; a changed structure is noticed.
    @Test(arguments: files)
    func changedBytes(_ checkpoint: GoldenCheckpoint) throws {
        let copy = try Copy(checkpoint)
        var state: UInt64 = 11
        func draw(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        // The pickle is what there is to be broken: it lies at the beginning.
        let structure = 16_000
        var read = 0
        for round in 0..<3000 {
            let places = (0...draw(3)).map { _ in draw(round.isMultiple(of: 4) ? copy.bytes.count : structure)
            }
            for place in places {
                let value = draw(2) == 0 ? UInt8(draw(256)) : copy.bytes[place] ^ (1 << UInt8(draw(8)))
                try copy.put(value, at: place)
            }
            let text = copy.refusal()
            copy.check(text)
            if text == nil { read += 1 }
            for place in places { try copy.put(copy.bytes[place], at: place) }
        }
        #expect(copy.refusal() == nil)
        #expect((100..<2900).contains(read), "\(read) of 3000 were read")
    }

    /// One number of the configuration: the first tensor that does not fit is named with both shapes.
    @Test(arguments: GoldenCheckpoint.all.filter { $0.golden.name == "p01_gumbel_paper" && !$0.isHalf })
    func aConfigurationThatDoesNotFit(_ checkpoint: GoldenCheckpoint) throws {
        let copy = try Copy(checkpoint)
        let key = Array("vq_vars".utf8)
        let start = try #require(copy.bytes.indices.first { copy.bytes[$0...].starts(with: key) }) + key.count
        // After the key and where it is stored comes the opcode for a small integer.
        let opcode = try #require((start..<start + 8).first { copy.bytes[$0] == UInt8(ascii: "K") })
        #expect(copy.bytes[opcode + 1] == 12)
        try copy.put(13, at: opcode + 1)
        #expect(
            copy.refusal()
                == "\(copy.path): vector_quantizer.vars has shape [1, 12, 8], the configuration calls "
                + "for [1, 13, 8]")
    }

    /// A tensor that the configuration does not ask for: the configuration is another one's.
    @Test func aTensorTooMany() throws {
        let plain = try #require(
            GoldenCheckpoint.all.first {
                $0.golden.name == "p01_gumbel_paper" && $0.name == "checkpoint_args"
            })
        let copy = try Copy(plain)
        let word = Array("gumbel".utf8)
        let start = try #require(copy.bytes.indices.first { copy.bytes[$0...].starts(with: word) })
        // A text of the same length that ends earlier: "none" and opcodes that leave nothing behind.
        try copy.put(4, at: start - 4)
        for (index, byte) in (Array("none".utf8) + Array("N0".utf8)).enumerated() {
            try copy.put(byte, at: start + index)
        }
        let text = try #require(copy.refusal())
        #expect(text.contains("has a tensor vector_quantizer.vars of shape [1, 12, 8]"), "\(text)")
    }
}
