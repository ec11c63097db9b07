import Foundation
import TensorFiles
import TestSupport
import Testing

/// Tensors out of both serialisations.
@Suite struct TorchTensorTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ file: TorchFile, _ value: PickleValue) throws -> [Float] {
        let tensor = try #require(try file.tensor(value))
        var floats = [Float](repeating: .nan, count: tensor.count)
        try floats.withUnsafeMutableBufferPointer { try file.read(tensor, into: $0) }
        return floats
    }

    /// The elements of a tensor, out of an archive and out of a stream.
    private func floats(
        _ tensor: Pickled, _ storages: [FakeStorage], bigEndian: Bool = false
    ) throws -> [Float] {
        let order = bigEndian ? "big" : "little"
        let files = [
            TorchFiles.zip(tensor.pickle, storages, byteOrder: order),
            TorchFiles.legacy(tensor.pickle, storages, littleEndian: !bigEndian),
        ]
        let results = try files.map { bytes in
            let file = try TorchFile(path: folder.write(bytes, to: "a"))
            return try read(file, file.document.root)
        }
        #expect(results[0] == results[1])
        return results[0]
    }

    @Test(
        arguments: [
            ("FloatStorage", 4, [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0]),
            ("DoubleStorage", 8, [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 4, 0xC0]),
            ("HalfStorage", 2, [0, 0x3C, 0, 0xC1]), ("BFloat16Storage", 2, [0x80, 0x3F, 0x20, 0xC0]),
        ] as [(String, Int, [UInt8])])
    func types(_ storage: String, size: Int, bytes: [UInt8]) throws {
        let tensor = Pickled.tensor(storage, key: "0", count: 2, shape: [2], strides: [1])
        #expect(try floats(tensor, [FakeStorage("0", count: 2, bytes: bytes)]) == [1, -2.5])
        let swapped = stride(from: 0, to: bytes.count, by: size).flatMap { bytes[$0..<$0 + size].reversed() }
        let big = try floats(tensor, [FakeStorage("0", count: 2, bytes: swapped)], bigEndian: true)
        #expect(big == [1, -2.5])
    }

    @Test(
        arguments: [
            ([2, 3], [3, 1], 0, [0, 1, 2, 3, 4, 5]), ([3, 2], [1, 3], 0, [0, 3, 1, 4, 2, 5]),
            ([2], [4], 1, [1, 5]), ([2, 2], [0, 1], 2, [2, 3, 2, 3]), ([], [], 5, [5]),
            ([0, 3], [3, 1], 0, []), ([0], [1], 1 << 62, []),
            ([2, 1, 2], [3, 1 << 62, 2], 0, [0, 2, 3, 5]),
            ([1, 1], [1 << 62, 1 << 62], 4, [4]), ([2, 1, 3], [3, 99, 1], 0, [0, 1, 2, 3, 4, 5]),
            ([2, 2, 2], [1, 2, 1], 0, [0, 1, 2, 3, 1, 2, 3, 4]),
        ] as [([Int], [Int], Int, [Float])])
    func views(_ shape: [Int], _ strides: [Int], _ offset: Int, _ expected: [Float]) throws {
        let tensor = Pickled.tensor(
            "FloatStorage", key: "0", count: 6, shape: shape, strides: strides, offset: offset)
        #expect(try floats(tensor, [FakeStorage("0", floats: [0, 1, 2, 3, 4, 5])]) == expected)
        let half = Pickled.tensor(
            "HalfStorage", key: "0", count: 6, shape: shape, strides: strides, offset: offset)
        let bits = (0..<6).flatMap { little(Float16($0).bitPattern) }
        #expect(try floats(half, [FakeStorage("0", count: 6, bytes: bits)]) == expected)
    }

    /// More than the piece that is read at once.
    @Test func aLongTensor() throws {
        let count = 2_500_001
        let values = (0..<count + 3).map { Float($0) }
        let tensor = Pickled.tensor(
            "FloatStorage", key: "0", count: count + 3, shape: [count], strides: [1], offset: 3)
        #expect(try floats(tensor, [FakeStorage("0", floats: values)]) == Array(values[3...]))
    }

    @Test func severalTensorsOfOneStorage() throws {
        let first = Pickled.tensor("FloatStorage", key: "7", count: 4, shape: [2], strides: [1])
        let second = Pickled.tensor("FloatStorage", key: "7", count: 4, shape: [4], strides: [1])
        let object = Pickled.list([first, second]).pickle
        let storages = [FakeStorage("7", floats: [1, 2, 3, 4])]
        for bytes in [TorchFiles.zip(object, storages), TorchFiles.legacy(object, storages)] {
            let file = try TorchFile(path: folder.write(bytes, to: "a"))
            let tensors = try #require(file.document.elements(file.document.root))
            #expect(try read(file, tensors[0]) == [1, 2])
            #expect(try read(file, tensors[1]) == [1, 2, 3, 4])
        }
    }

    @Test func wrappersAndOtherConstructors() throws {
        let storages = [FakeStorage("0", floats: [1, 2])]
        let tensor = Pickled.tensor("FloatStorage", key: "0", count: 2, shape: [2], strides: [1])
        let parameter = Pickled.call(
            "torch._utils", "_rebuild_parameter", [tensor, .boolean(true), .ordered([])], state: nil)
        #expect(try floats(parameter, storages) == [1, 2])
        let id: [Pickled] = [
            .text("storage"), .global("torch.storage", "UntypedStorage"), .text("0"), .text("cpu"),
            .integer(8),
        ]
        let size = Pickled.call("torch", "Size", [.tuple([.integer(2)])], state: nil)
        let version3 = Pickled.call(
            "torch._utils", "_rebuild_tensor_v3",
            [
                .persistent(.tuple(id)), .integer(0), size, .tuple([.integer(1)]), .boolean(false),
                .ordered([]),
                .global("torch", "float32"),
            ], state: nil)
        let untyped = [FakeStorage("0", count: 8, bytes: storages[0].bytes)]
        #expect(try floats(version3, untyped) == [1, 2])
        let view = Pickled.tuple([.text("v"), .integer(1), .integer(1)])
        let viewed = Pickled.tensor(
            "FloatStorage", key: "0", count: 2, shape: [1], strides: [1], view: view)
        let file = try TorchFile(path: folder.write(TorchFiles.legacy(viewed.pickle, storages), to: "a"))
        #expect(try read(file, file.document.root) == [2])
    }

    @Test(
        arguments: [
            ([3], [1], 0), ([2], [1], 1), ([2], [1], -1), ([2], [1], .max), ([-1], [1], 0), ([2], [-1], 1),
            ([-2, -2], [1, 1], 0), ([2, 2], [.max, .max], 0), ([.max, .max], [0, 0], 0), ([.max], [2], 0),
            ([1 << 32, 1 << 32], [0, 0], 0), ([2], [], 0), ([], [1], 0), ([2], [2], 0),
        ] as [([Int], [Int], Int)])
    func outsideOfItsStorage(_ shape: [Int], _ strides: [Int], _ offset: Int) throws {
        let tensor = Pickled.tensor(
            "FloatStorage", key: "0", count: 2, shape: shape, strides: strides, offset: offset)
        let path = try folder.write(
            TorchFiles.zip(tensor.pickle, [FakeStorage("0", floats: [1, 2])]), to: "a")
        let file = try TorchFile(path: path)
        let text = message { _ = try file.tensor(file.document.root) }
        #expect(text.hasPrefix("\(path) is damaged: a tensor"), "\(text)")
    }

    @Test func storagesThatLie() throws {
        func problem(_ tensor: Pickled, _ storage: FakeStorage, tail: [UInt8] = []) throws -> [String] {
            try [
                TorchFiles.zip(tensor.pickle, [storage]), TorchFiles.legacy(tensor.pickle, [storage]) + tail,
            ].map {
                let path = try folder.write($0, to: "a")
                return message {
                    let file = try TorchFile(path: path)
                    _ = try read(file, file.document.root)
                }
            }
        }
        let good = FakeStorage("0", floats: [1, 2])
        let tensor = Pickled.tensor("FloatStorage", key: "0", count: 2, shape: [2], strides: [1])
        for count in [-1, 1, 3, .max, 1 << 61, .min] {
            let lie = Pickled.tensor("FloatStorage", key: "0", count: count, shape: [2], strides: [1])
            for text in try problem(lie, good) { #expect(text.contains("damaged"), "\(count): \(text)") }
        }
        let short = FakeStorage("0", count: 2, bytes: [1, 2, 3])
        #expect(try problem(tensor, short)[0].contains("has 3 bytes instead of 8"))
        #expect(try problem(tensor, short)[1].contains("are left"))
        #expect(
            try problem(tensor, FakeStorage("0", count: 9, bytes: good.bytes))[1].contains("have 2 elements"))
        #expect(
            try problem(tensor, FakeStorage("0", count: -1, bytes: good.bytes))[1].contains("have 2 elements")
        )
        #expect(try problem(tensor, good, tail: [0])[1].contains("1 bytes at its end"))
        let other = FakeStorage("1", floats: [1, 2])
        #expect(try problem(tensor, other)[0].contains("no entry \"archive/data/0\""))
        #expect(try problem(tensor, other)[1].contains("no tensor refers to"))
        let integers = Pickled.tensor("IntStorage", key: "0", count: 2, shape: [2], strides: [1])
        for text in try problem(integers, good) { #expect(text.contains("type Int, not floating point")) }
        let unknown = Pickled.tensor("QUInt1x8Storage", key: "0", count: 2, shape: [2], strides: [1])
        for text in try problem(unknown, good) { #expect(text.contains("torch.QUInt1x8Storage"), "\(text)") }
        let sparse = Pickled.call("torch._utils", "_rebuild_sparse_tensor", [], state: nil)
        #expect(try problem(sparse, good)[0].contains("_rebuild_sparse_tensor"))
    }

    /// Names of entries are only looked up: a key cannot lead out of the archive.
    @Test func aKeyThatIsAPath() throws {
        let tensor = Pickled.tensor("FloatStorage", key: "../data.pkl", count: 1, shape: [1], strides: [1])
        let file = try TorchFile(path: folder.write(TorchFiles.zip(tensor.pickle), to: "a"))
        #expect(message { _ = try file.tensor(file.document.root) }.contains("no entry"))
    }

    @Test func streamsThatLie() throws {
        let object = Pickled.none.pickle
        func problem(_ bytes: [UInt8]) throws -> String {
            let path = try folder.write(bytes, to: "a")
            return message { _ = try TorchFile(path: path) }
        }
        #expect(try problem(object).contains("a pickle, but none of torch.save"))
        #expect(try problem(TorchFiles.magic + Pickled.integer(1002).pickle).contains("another version"))
        let whole = TorchFiles.legacy(object)
        #expect(try problem(whole) == "no error")
        for length in 2..<whole.count {
            #expect(try problem(Array(whole[..<length])).hasSuffix("; use a complete file"), "\(length)")
        }
        let keys = Pickled.list([.text("0"), .text("0")]).pickle
        #expect(try problem(Array(whole.dropLast(Pickled.list([]).pickle.count)) + keys).contains("damaged"))
    }

    /// Another program may cut a file while it is open: no access may end the process.
    @Test func aFileThatBecomesShorter() throws {
        let values = [Float](repeating: 1, count: 50_000)
        for strides in [[1, 25_000], [25_000, 1]] {
            let tensor = Pickled.tensor(
                "FloatStorage", key: "0", count: values.count,
                shape: strides[0] == 1 ? [25_000, 2] : [2, 25_000],
                strides: strides)
            let bytes = TorchFiles.zip(tensor.pickle, [FakeStorage("0", floats: values)])
            let file = try TorchFile(path: folder.write(bytes, to: "a"))
            #expect(try read(file, file.document.root) == values)
            #expect(truncate(folder.file("a"), 8192) == 0)
            #expect(message { _ = try read(file, file.document.root) }.contains("became shorter"))
        }
    }

    /// The stream has its storages one after the other: to pass over one, its size has to be known.
    @Test func aStreamWithOtherTensorsBesideTheModel() throws {
        let other = Pickled.tensor("QInt8Storage", key: "q", count: 5, shape: [5], strides: [1])
        let model = Pickled.tensor("FloatStorage", key: "m", count: 2, shape: [2], strides: [1])
        let root = Pickled.dictionary([("other", other), ("model", model)])
        let storages = [
            FakeStorage("q", count: 5, bytes: [1, 2, 3, 4, 5]), FakeStorage("m", floats: [0.5, -2]),
        ]
        let file = try TorchFile(path: folder.write(TorchFiles.legacy(root.pickle, storages), to: "a"))
        let value = try #require(file.document.value("model", in: file.document.root))
        #expect(try read(file, value) == [0.5, -2])
    }

    /// Elements that lie far apart are read one span at a time, within reason.
    @Test func aScatteredTensorIsRefused() throws {
        let count = 20_000_000
        let tensor = Pickled.tensor(
            "FloatStorage", key: "0", count: count, shape: [2], strides: [count - 1])
        let bytes = TorchFiles.zip(
            tensor.pickle, [FakeStorage("0", count: count, bytes: [UInt8](repeating: 0, count: 4 * count))])
        let file = try TorchFile(path: folder.write(bytes, to: "a"))
        #expect(message { _ = try read(file, file.document.root) }.contains("is spread over 80000000 bytes"))
    }
}
