import Files
import Foundation
import SystemPackage
import TensorFiles
import TestSupport
import Testing
import TokenFiles

/// Features in each format, byte for byte.
@Suite struct FeatureOutputTests {
    let trial: TokenTrial
    private let names = ["d/x.wav", "y.wav"].map { RecordingName(path: $0) }
    private let values: [[Float]] = [[1, -2, 3.5, 0, 1e-20, 7], [4, 5]]

    init() throws { trial = try TokenTrial() }

    private func write(_ format: ArrayFormat, _ output: String) throws {
        let options = FeatureOutputOptions(format, output: trial.folder.file(output), layer: "c")
        let writer = try FeatureOutput(
            options, recordings: names, inputs: [], description: trial.description())
        for (name, values) in zip(names, values) {
            try values.withUnsafeBufferPointer {
                try writer.write(FeatureMatrix(name, frames: $0.count / 2, channels: 2, values: $0))
            }
        }
        try writer.finish()
    }

    private func bytes(_ values: [Float]) -> [UInt8] { values.flatMap { little(Int($0.bitPattern), 4) } }

    @Test func npy() throws {
        try write(.npy, "f")
        #expect(try trial.names == ["f", "f.json"])
        for (name, values) in zip(["x", "y"], values) {
            try NumpyFile.write(
                trial.folder.file("expected"), shape: [values.count / 2, 2], elements: values)
            #expect(try trial.folder.read("f/\(name).npy") == trial.folder.read("expected"))
        }
        let description = try JSONValue(parsing: trial.folder.text("f.json"))
        guard case .object(let fields) = description else { throw WrongContent("\(description)") }
        #expect(fields["layer"] == .string("c") && fields["checkpoint_sha256"] == .string(TokenTrial.hash))
        #expect(fields["format"] == .string("npy") && fields["hop_samples"] == .integer(160))
    }

    @Test func npz() throws {
        try write(.npz, "f")
        #expect(try trial.names == ["f", "f.json"])
        let archive = try ZipWriter(path: trial.folder.file("expected"))
        for (name, values) in zip(["x", "y"], values) {
            try NumpyFile.write(trial.folder.file("array"), shape: [values.count / 2, 2], elements: values)
            try archive.add(name + ".npy", trial.folder.read("array"))
        }
        try archive.commit()
        #expect(try trial.folder.read("f") == trial.folder.read("expected"))
    }

    @Test func safetensors() throws {
        try write(.safetensors, "f")
        #expect(try trial.names == ["f"])
        let file = try SafetensorsFile(path: trial.folder.file("f"))
        #expect(file.names == ["x", "y"])
        #expect(try file.entry("x").shape == [3, 2] && file.entry("x").dtype == .float32)
        #expect(try file.floats("x") == values[0] && file.floats("y") == values[1])
        #expect(file.metadata["layer"] == "c" && file.metadata["first_frame_seconds"] == "0.0145")
        #expect(file.metadata["checkpoint_sha256"] == TokenTrial.hash)
    }

    @Test func kaldi() throws {
        try write(.kaldi, "f")
        #expect(try trial.names == ["f.ark", "f.ark.json", "f.scp"])
        func entry(_ key: String, _ values: [Float]) -> [UInt8] {
            let sizes = [4] + little(values.count / 2, 4) + [4] + little(2, 4)
            return Array("\(key) \0BFM ".utf8) + sizes + bytes(values)
        }
        let first = entry("x", values[0])
        #expect(try trial.folder.read("f.ark") == first + entry("y", values[1]))
        let archive = trial.folder.file("f.ark")
        #expect(try trial.folder.text("f.scp") == "x \(archive):2\ny \(archive):\(first.count + 2)\n")
    }

    @Test(arguments: ArrayFormat.allCases) func refusals(_ format: ArrayFormat) throws {
        func refusal(_ output: String, _ paths: [String], inputs: [FilePath] = []) -> String {
            message {
                _ = try FeatureOutput(
                    FeatureOutputOptions(format, output: output, layer: "z"),
                    recordings: paths.map { RecordingName(path: $0) }, inputs: inputs,
                    description: trial.description())
            }
        }
        let output = trial.folder.file("f")
        #expect(refusal(output, ["a/x.wav", "x.flac"]).hasPrefix("a/x.wav and x.flac would both be written"))
        #expect(refusal("/dev/null", ["x"]).hasPrefix("/dev/null is a device"))
        #expect(refusal("-", ["x"]).contains("(--output)"))
        #expect(refusal(".", ["x"]).hasPrefix("\".\" is not the name of"))
        if format != .npy {
            let input = try trial.folder.write([1], to: format == .kaldi ? "f.scp" : "f")
            #expect(refusal(output, ["x"], inputs: [FilePath(input)]).contains("is an input"))
        }
        #expect(try trial.names.filter { $0 != "f.scp" && $0 != "f" }.isEmpty)
    }

    @Test func anIndexHoldsItsPath() {
        for path in [" x.ark", "a\nb.ark"] {
            #expect(
                message { _ = try ArkWriter(archive: path, index: "x.scp") }.contains(
                    "cannot stand in a Kaldi index"))
        }
    }

    @Test func keysAndSizes() throws {
        let writer = try ArkWriter(archive: trial.folder.file("x.ark"), index: trial.folder.file("x.scp"))
        #expect(message { try writer.add("a b", [1]) }.contains("white space"))
        #expect(message { try writer.add("", [1]) }.contains("is empty"))
        for (rows, columns) in [(1, 2), (Int.max, 2), (1 << 31, 1), (-1, -3)] {
            #expect(
                message {
                    try values[0].prefix(3).withUnsafeBufferPointer {
                        try writer.add("x", rows: rows, columns: columns, $0)
                    }
                }.contains("is no size of a matrix"))
        }
    }
}
