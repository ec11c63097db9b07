import Files
import Foundation
import TensorFiles
import TestSupport
import Testing
import TokenFiles

/// Formats of arrays, byte for byte.
@Suite struct ArrayFormatTests {
    let trial: TokenTrial

    init() throws { trial = try TokenTrial() }

    /// The bytes of a `.npy` file.
    private func array(_ values: [Int32], _ shape: [Int]) throws -> [UInt8] {
        try NumpyFile.write(trial.folder.file("array"), shape: shape, elements: values)
        defer { try? FileManager.default.removeItem(atPath: trial.folder.file("array")) }
        return try trial.folder.read("array")
    }

    private func arrays(_ ids: TokenIDs, deduplicates: Bool) throws -> [(name: String, bytes: [UInt8])] {
        let arrays: [(String, [Int32], [Int])] =
            switch (ids, deduplicates) {
            case (.pair, false): [("x", [3, 17, 3, 17, 250, 4], [3, 2]), ("a", [0, 299], [1, 2])]
            case (.pair, true):
                [
                    ("x", [3, 17, 250, 4], [2, 2]), ("x.durations", [2, 1], [2]), ("a", [0, 299], [1, 2]),
                    ("a.durations", [1], [1]),
                ]
            case (.combined, _): [("x", [917, 917, 75004], [3]), ("a", [299], [1])]
            case (.flat, _): [("x", [3, 317, 3, 317, 250, 304], [6]), ("a", [0, 599], [2])]
            }
        return try arrays.map { ($0.0 + ".npy", try array($0.1, $0.2)) }
    }

    private static let cases: [(TokenIDs, Bool)] = [
        (.pair, false), (.pair, true), (.combined, false), (.flat, false),
    ]

    @Test(arguments: cases) func npy(ids: TokenIDs, deduplicates: Bool) throws {
        let expected = try arrays(ids, deduplicates: deduplicates)
        try trial.write(trial.options(.npy, ids, deduplicates: deduplicates, output: "ids"))
        #expect(try trial.names == ["ids", "ids.json"])
        let names = try FileManager.default.contentsOfDirectory(atPath: trial.folder.file("ids"))
        #expect(Set(names) == Set(expected.map(\.name)))
        for (name, bytes) in expected { #expect(try trial.folder.read("ids/\(name)") == bytes, "\(name)") }
    }

    @Test(arguments: cases) func npz(ids: TokenIDs, deduplicates: Bool) throws {
        try trial.write(trial.options(.npz, ids, deduplicates: deduplicates))
        #expect(try trial.names == ["out", "out.json"])
        let archive = try ZipWriter(path: trial.folder.file("expected"))
        for (name, bytes) in try arrays(ids, deduplicates: deduplicates) { try archive.add(name, bytes) }
        try archive.commit()
        #expect(try trial.folder.read("out") == trial.folder.read("expected"))
    }

    /// Length, header and data of a safetensors file.
    private func parts(_ name: String) throws -> (header: JSONValue, data: [UInt8]) {
        let bytes = try trial.folder.read(name)
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 + Int($1) }
        #expect(length % 8 == 0)
        let header = try JSONValue(parsing: String(decoding: bytes[8..<8 + length], as: UTF8.self))
        return (header, Array(bytes[(8 + length)...]))
    }

    private func tensor(_ type: String, _ shape: [Int], _ offsets: [Int]) -> JSONValue {
        .object([
            "dtype": .string(type), "shape": .array(shape.map { .integer($0) }),
            "data_offsets": .array(offsets.map { .integer($0) }),
        ])
    }

    /// I16 ids with I32 durations before them, so that all are aligned.
    @Test func safetensors() throws {
        try trial.write(trial.options(.safetensors, deduplicates: true))
        #expect(try trial.names == ["out"])
        var (header, data) = try parts("out")
        guard case .object(var tensors) = header, case .object(let metadata)? = tensors["__metadata__"] else {
            throw WrongContent("\(header)")
        }
        tensors["__metadata__"] = nil
        header = .object(tensors)
        #expect(
            header
                == .object([
                    "x.durations": tensor("I32", [2], [0, 8]), "a.durations": tensor("I32", [1], [8, 12]),
                    "x": tensor("I16", [2, 2], [12, 20]), "a": tensor("I16", [1, 2], [20, 24]),
                ]))
        #expect(
            data == [2, 1, 1].flatMap { little($0, 4) } + [3, 17, 250, 4, 0, 299].flatMap { little($0, 2) })
        #expect(metadata["checkpoint_sha256"] == .string(TokenTrial.hash))
        #expect(metadata["configuration"] == .string(#"{"a":[1,"b"]}"#))
        #expect(metadata["ids"] == .string("pair") && metadata["deduplicated"] == .string("true"))
        #expect(metadata["groups"] == .string("2") && metadata["codewords"] == .string("300"))
        #expect(metadata["first_frame_seconds"] == .string("0.0145"))
    }

    /// The type goes by the ids that there can be, not by those that there are.
    @Test(arguments: [
        (TokenIDs.combined, 2, 300, SafetensorsType.int32), (.combined, 2, 181, .int16),
        (.combined, 2, 182, .int32), (.flat, 2, 16384, .int16), (.flat, 3, 10923, .int32),
        (.pair, 1, 32768, .int16), (.pair, 1, 32769, .int32),
    ])
    func safetensorsType(ids: TokenIDs, groups: Int, codewords: Int, type: SafetensorsType) throws {
        let options = trial.options(.safetensors, ids)
        let output = try TokenOutput(
            options, encoding: options.encoding(groups: groups, codewords: codewords),
            recordings: [RecordingName(path: "x")], inputs: [], description: trial.description())
        let id = Int32(codewords - 1)
        try output.write(
            TokenizedUtterance(
                path: "x", samples: 1, sampleRate: 1, groups: groups,
                ids: Array(repeating: id, count: groups)))
        try output.finish()
        let file = try SafetensorsFile(path: trial.folder.file("out"))
        #expect(try file.entry("x").dtype == type)
        let values: Int =
            switch ids {
            case .pair: codewords
            case .combined: codewords * codewords
            case .flat: groups * codewords
            }
        #expect(try file.integers("x").max() == Int64(values - 1))
    }

    /// More data than one piece of copying.
    @Test func safetensorsOfManyPieces() throws {
        let output = try trial.start(trial.options(.safetensors), paths: ["x", "y", "z"], groups: 1)
        var stored: [String: [Int32]] = [:]
        for (index, name) in ["x", "y", "z"].enumerated() {
            let ids = (0..<700_001).map { Int32(($0 * 7 + index) % 300) }
            stored[name] = ids
            try output.write(
                TokenizedUtterance(path: name, samples: 1, sampleRate: 1, groups: 1, ids: ids))
        }
        try output.finish()
        let file = try SafetensorsFile(path: trial.folder.file("out"))
        for (name, ids) in stored { #expect(try file.integers(name) == ids.map(Int64.init)) }
        #expect(try trial.names == ["out"])
    }

    private func integers(_ values: [Int]) -> [UInt8] {
        [0, 66] + ([values.count] + values).flatMap { [4] + little($0, 4) }
    }

    @Test(arguments: ["X", "X.ark"]) func kaldiPairs(output: String) throws {
        try trial.write(trial.options(.kaldi, deduplicates: true, output: output))
        #expect(
            try trial.names == ["X.ark", "X.ark.json", "X.durations.ark", "X.durations.scp", "X.scp"])
        func matrix(_ rows: [[Float]]) -> [UInt8] {
            var bytes = [0] + Array("BFM ".utf8)
            for size in [rows.count, rows[0].count] { bytes += [4] + little(size, 4) }
            for value in rows.joined() { bytes += little(Int(value.bitPattern), 4) }
            return bytes
        }
        let (x, a) = (matrix([[3, 17], [250, 4]]), matrix([[0, 299]]))
        let entries: [UInt8] = Array("x ".utf8) + x + Array("a ".utf8) + a
        #expect(try trial.folder.read("X.ark") == entries)
        let archive = trial.folder.file("X.ark")
        #expect(try trial.folder.text("X.scp") == "x \(archive):2\na \(archive):\(4 + x.count)\n")
        #expect(
            try trial.folder.read("X.durations.ark") == Array("x ".utf8) + integers([2, 1])
                + Array("a ".utf8) + integers([1]))
        let durations = trial.folder.file("X.durations.ark")
        #expect(try trial.folder.text("X.durations.scp") == "x \(durations):2\na \(durations):21\n")
    }

    /// A list of a line for each would need more memory than all files have bytes.
    @Test func noMoreThanTheArchive() throws {
        try trial.write(trial.options(.kaldi, output: "X"))
        let list = try trial.folder.text("X.scp")
        func names(_ text: String) throws -> [String] {
            var names: [String] = []
            try ArrayInput(path: trial.folder.write(text, to: "Y.scp")).read { names.append("\($0.name)") }
            return names
        }
        #expect(try names(list) == ["x", "a"])
        // Another name for the same archive.
        try FileManager.default.createSymbolicLink(
            atPath: trial.folder.file("link.ark"), withDestinationPath: trial.folder.file("X.ark"))
        let again = list.split(separator: "\n").flatMap { line in
            (0..<9).map {
                "\(line.first ?? "-")\($0)" + line.dropFirst().replacing("X.ark", with: "link.ark")
            }
        }.joined(separator: "\n")
        let archive = trial.folder.file("X.ark").replacing("X.ark", with: "link.ark")
        let expected = TokenInputError.malformed(
            path: trial.folder.file("Y.scp"), at: .line(4), .repeated(archive: archive))
        #expect(throws: expected) { try names(list + again) }
    }

    @Test(arguments: [
        (TokenIDs.combined, [917, 917, 75004], [299]), (.flat, [3, 317, 3, 317, 250, 304], [0, 599]),
    ])
    func kaldiIntegers(ids: TokenIDs, first: [Int], second: [Int]) throws {
        try trial.write(trial.options(.kaldi, ids, output: "X"))
        #expect(try trial.names == ["X.ark", "X.ark.json", "X.scp"])
        #expect(
            try trial.folder.read("X.ark") == Array("x ".utf8) + integers(first) + Array("a ".utf8)
                + integers(second))
    }
}
