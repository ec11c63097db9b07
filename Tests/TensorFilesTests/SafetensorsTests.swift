import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct SafetensorsTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func tensor(_ name: String, _ type: SafetensorsType, _ bytes: [UInt8]) -> SafetensorsTensor {
        SafetensorsTensor(name: name, dtype: type, shape: [bytes.count / type.size]) {
            try bytes.withUnsafeBytes($0)
        }
    }

    /// The bytes of a file, written out by hand.
    @Test func layoutOfAFile() throws {
        try SafetensorsWriter.write(
            folder.file("a"),
            tensors: [
                .init(name: "b", shape: [], floats: [1]),
                .init(name: "i", shape: [1, 2], integers: [-1, 2]),
                .init(name: "a", shape: [0, 3], floats: []),
            ], metadata: ["z": "1", "k\"": "é\n"])
        var header = #"{"__metadata__":{"k\"":"é\n","z":"1"},"#
        header += #""i":{"dtype":"I64","shape":[1,2],"data_offsets":[0,16]},"#
        header += #""a":{"dtype":"F32","shape":[0,3],"data_offsets":[16,16]},"#
        header += #""b":{"dtype":"F32","shape":[],"data_offsets":[16,20]}}"#
        let padded = Array(header.utf8) + [UInt8](repeating: 32, count: 7 - (header.utf8.count - 1) % 8)
        var expected: [UInt8] = [UInt8(padded.count), 0, 0, 0, 0, 0, 0, 0] + padded
        expected += [UInt8](repeating: 255, count: 8) + [2, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0x80, 0x3F]
        #expect(padded.count % 8 == 0 && padded.count < 256)
        #expect(try folder.read("a") == expected)
    }

    @Test func roundTrip() throws {
        let floats = (0..<6000).map { Float($0) / 7 - 100 }
        let tensors: [SafetensorsTensor] = [
            .init(name: "weights", shape: [2, 3000], floats: floats),
            .init(name: "ids", shape: [3], integers: [.min, 0, .max]),
            tensor("odd", .uint8, [1, 2, 255]),
            SafetensorsTensor(name: "pieces", dtype: .float32, shape: [6000]) { emit in
                for value in floats { try withUnsafeBytes(of: value, emit) }
            },
        ]
        let metadata = ["format": "pt", "text": "line\n\"two\"\\ \u{1} é 😀"]
        try SafetensorsWriter.write(folder.file("a"), tensors: tensors, metadata: metadata)
        try SafetensorsWriter.write(folder.file("b"), tensors: tensors.reversed(), metadata: metadata)
        #expect(try folder.read("a") == folder.read("b"), "the order of the tensors must not matter")

        let file = try SafetensorsFile(path: folder.file("a"))
        #expect(file.names == ["ids", "pieces", "weights", "odd"])
        #expect(file.metadata == metadata)
        #expect(try file.entry("weights").shape == [2, 3000] && file.entry("weights").dtype == .float32)
        #expect(try file.entry("weights").count == 6000)
        #expect(try file.floats("weights") == floats && file.floats("pieces") == floats)
        #expect(try file.floats("weights") == floats)
        #expect(try file.integers("ids") == [.min, 0, .max])
        #expect(try file.integers("odd") == [1, 2, 255])
        #expect(file.contains("odd") && !file.contains("even"))
    }

    @Test func everyTypeIsConverted() throws {
        func little<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
        try SafetensorsWriter.write(
            folder.file("a"),
            tensors: [
                tensor("F64", .float64, little([1.5, -0.25, 1e300] as [Double])),
                tensor("F16", .float16, little([0x3C00, 0xC000, 0x0001, 0x7C00] as [UInt16])),
                tensor("BF16", .bfloat16, little([0x3F80, 0xC040] as [UInt16])),
                tensor("BOOL", .boolean, [0, 1]), tensor("I8", .int8, [0x80, 0x7F]),
                tensor("U16", .uint16, little([65535] as [UInt16])),
                tensor("I16", .int16, little([-2] as [Int16])),
                tensor("U32", .uint32, little([UInt32.max])), tensor("I32", .int32, little([Int32.min])),
                tensor("U64", .uint64, little([7] as [UInt64])), tensor("big", .uint64, little([UInt64.max])),
            ])
        let file = try SafetensorsFile(path: folder.file("a"))
        #expect(try file.floats("F64") == [1.5, -0.25, .infinity])
        #expect(try file.floats("F16") == [1, -2, 0x1p-24, .infinity])
        #expect(try file.floats("BF16") == [1, -3])
        #expect(try file.integers("BOOL") == [0, 1])
        #expect(try file.integers("I8") == [-128, 127])
        #expect(try file.integers("U16") == [65535])
        #expect(try file.integers("I16") == [-2])
        #expect(try file.integers("U32") == [Int64(UInt32.max)])
        #expect(try file.integers("I32") == [Int64(Int32.min)])
        #expect(try file.integers("U64") == [7])
        #expect(message { _ = try file.integers("big") }.contains("too large"))
    }

    @Test(arguments: [
        SafetensorsType.float64, .float32, .float16, .bfloat16, .boolean, .int8, .uint8, .int16, .uint16,
        .int32, .uint32,
        .int64, .uint64,
    ])
    func anEmptyTensorOfEveryType(type: SafetensorsType) throws {
        try SafetensorsWriter.write(folder.file("a"), tensors: [tensor("empty", type, [])])
        let file = try SafetensorsFile(path: folder.file("a"))
        let isFloat = [.float64, .float32, .float16, .bfloat16].contains(type)
        #expect(try isFloat ? file.floats("empty").isEmpty : file.integers("empty").isEmpty)
    }

    @Test func wrongRequestsAreNamed() throws {
        let path = folder.file("a")
        try SafetensorsWriter.write(path, tensors: [.init(name: "f", shape: [1], floats: [1])])
        let file = try SafetensorsFile(path: path)
        #expect(message { _ = try file.floats("g") } == "\(path) has no tensor \"g\"")
        #expect(message { _ = try file.entry("g\n") } == "\(path) has no tensor \"g\\n\"")
        #expect(
            message { _ = try file.integers("f") }
                == "\(path): tensor \"f\" has the type F32 instead of an integer type")
        try SafetensorsWriter.write(path, tensors: [.init(name: "i", shape: [1], integers: [1])])
        #expect(
            message { _ = try SafetensorsFile(path: path).floats("i") }.contains("I64"))
    }

    /// The old file stays mapped while a new one takes its name.
    @Test func aFileCanBeReplacedWhileItIsOpen() throws {
        let path = folder.file("a")
        try SafetensorsWriter.write(path, tensors: [.init(name: "f", shape: [2], floats: [1, 2])])
        let file = try SafetensorsFile(path: path)
        try SafetensorsWriter.write(path, tensors: [.init(name: "f", shape: [1], floats: [3])])
        #expect(try file.floats("f") == [1, 2])
        #expect(try SafetensorsFile(path: path).floats("f") == [3])
    }

    @Test func theWriterRefuses() throws {
        let path = folder.file("a")
        func refusal(_ tensors: SafetensorsTensor...) -> String {
            message { try SafetensorsWriter.write(path, tensors: tensors) }
        }
        let one = SafetensorsTensor(name: "f", shape: [1], floats: [1])
        #expect(refusal(one, one).contains("\"f\" is taken twice"))
        #expect(refusal(.init(name: "__metadata__", shape: [1], floats: [1])).contains("taken twice"))
        #expect(refusal(.init(name: "f", shape: [-1], floats: [])).contains("cannot have the shape [-1]"))
        #expect(refusal(.init(name: "f", shape: [.max, .max], floats: [])).contains("cannot have the shape"))
        #expect(refusal(.init(name: "f", shape: [3], floats: [1])).contains("4 bytes instead of 12"))
        #expect(refusal(.init(name: "f", shape: [1], floats: [1, 2])).contains("8 bytes instead of 4"))
        #expect(try folder.names.isEmpty)
        let missing = folder.file("no/a")
        #expect(
            message { try SafetensorsWriter.write(missing, tensors: [one]) }.hasPrefix("\(missing) cannot be")
        )
    }

    /// Another program may cut a file while it is open: no access may end the process.
    @Test func aFileThatBecomesShorter() throws {
        let path = folder.file("a")
        let values = [Float](repeating: 1, count: 100_000)
        try SafetensorsWriter.write(path, tensors: [.init(name: "f", shape: [values.count], floats: values)])
        let file = try SafetensorsFile(path: path)
        #expect(truncate(path, 4096) == 0)
        #expect(
            message { _ = try file.floats("f") }
                == "\(path) cannot be read: it became shorter meanwhile; use it when it is complete")
    }

    /// `é` as one character and as two: Unicode calls them equal, every reader of the file does not.
    @Test func namesAreBytes() throws {
        let path = folder.file("a")
        let (one, two) = ("caf\u{E9}", "cafe\u{301}")
        try SafetensorsWriter.write(
            path,
            tensors: [.init(name: one, shape: [1], floats: [1]), .init(name: two, shape: [1], floats: [2])])
        let file = try SafetensorsFile(path: path)
        #expect(file.names.count == 2)
        #expect(try file.floats(one) == [1] && file.floats(two) == [2])
    }
}
