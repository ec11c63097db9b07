import Foundation
import TensorFiles
import TestSupport
import Testing

/// What opcodes mean, seen through a file of torch without tensors.
@Suite struct PickleTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(_ opcodes: [UInt8], protocol version: UInt8 = 2) throws -> PickleDocument {
        let object = [0x80, version] + opcodes + [UInt8(ascii: ".")]
        return try TorchFile(path: folder.write(TorchFiles.legacy(object), to: "a")).document
    }

    private func read(_ opcodes: String) throws -> PickleDocument { try read(Array(opcodes.utf8)) }

    @Test(
        arguments: [
            ([0x4E], .none), ([0x88], .boolean(true)), ([0x89], .boolean(false)),
            ([0x4B, 200], .integer(200)), ([0x4D, 1, 2], .integer(513)),
            ([0x4A, 0xFE, 0xFF, 0xFF, 0xFF], .integer(-2)),
            ([0x8A, 0], .integer(0)), ([0x8A, 1, 0x80], .integer(-128)),
            ([0x8A, 2, 0xFF, 0x00], .integer(255)),
            ([0x8A, 8, 0, 0, 0, 0, 0, 0, 0, 0x80], .integer(.min)), ([0x8B, 1, 0, 0, 0, 7], .integer(7)),
            ([0x8A, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9], .largeInteger([1, 2, 3, 4, 5, 6, 7, 8, 9])),
            ([0x47, 0xC0, 0x04, 0, 0, 0, 0, 0, 0], .number(-2.5)),
            ([0x58, 2, 0, 0, 0, 0xC3, 0xA9], .text("é")), ([0x8C, 1, 0x61], .text("a")),
            ([0x8D, 1, 0, 0, 0, 0, 0, 0, 0, 0x61], .text("a")), ([0x55, 1, 0x61], .text("a")),
            ([0x54, 1, 0, 0, 0, 0x61], .text("a")), ([0x58, 1, 0, 0, 0, 0xFF], .text("\u{FFFD}")),
            ([0x43, 1, 9], .bytes([9])), ([0x42, 1, 0, 0, 0, 9], .bytes([9])),
            ([0x8E, 1, 0, 0, 0, 0, 0, 0, 0, 9], .bytes([9])),
            ([0x96, 1, 0, 0, 0, 0, 0, 0, 0, 9], .bytes([9])),
            ([0x95, 2, 0, 0, 0, 0, 0, 0, 0, 0x4B, 1], .integer(1)),
            (Array("K\u{1}2a".utf8.dropLast()) + [0x30], .integer(1)),
            (Array("cos\nsystem\n".utf8), .global("os.system")),
            ([0x8C, 2, 0x6F, 0x73, 0x8C, 1, 0x61, 0x93], .global("os.a")),
            (Array("K\u{1}q\u{5}0h\u{5}".utf8), .integer(1)),
            (Array("K\u{1}".utf8) + [0x94, 0x30, 0x68, 0], .integer(1)),
        ] as [([UInt8], PickleValue)])
    func scalars(_ opcodes: [UInt8], _ expected: PickleValue) throws {
        #expect(try read(opcodes, protocol: 5).root == expected)
    }

    @Test func containers() throws {
        let list = try read("](K\u{1}K\u{2}e")
        #expect(list.elements(list.root) == [.integer(1), .integer(2)])
        let appended = try read("]K\u{1}aK\u{2}a")
        #expect(appended.elements(appended.root) == [.integer(1), .integer(2)])
        for opcodes in [Array("(K\u{1}K\u{2}t".utf8), Array("K\u{1}K\u{2}".utf8) + [0x86]] {
            let tuple = try read(opcodes)
            #expect(tuple.elements(tuple.root) == [.integer(1), .integer(2)])
            #expect(tuple.object(tuple.root)?.kind == .tuple)
        }
        for opcodes in ["}(K\u{1}NK\u{1}K\u{2}u", "}K\u{1}NsK\u{1}K\u{2}s", "(K\u{1}NK\u{1}K\u{2}d"] {
            let dictionary = try read(opcodes)
            #expect(dictionary.entries(dictionary.root)?.map(\.value) == [.none, .integer(2)])
        }
        let sets = try read([0x8F, 0x28, 0x4B, 1, 0x90])
        #expect(sets.object(sets.root)?.elements == [.integer(1)])
        let named = try read("}X\u{1}\0\0\0aK\u{1}sX\u{1}\0\0\0aK\u{2}s")
        #expect(named.value("a", in: named.root) == .integer(2), "the last one counts")
    }

    /// The commands of a pickle that would run a program remain words.
    @Test func nothingIsCalled() throws {
        let marker = folder.file("called")
        let call = Pickled.call("os", "system", [.text("touch \(marker)")], state: nil)
        for opcodes in [
            call.opcodes, Array("cos\nsystem\n(X\u{1}\0\0\0at\u{81}".unicodeScalars.map { UInt8($0.value) }),
        ] {
            let document = try read(opcodes)
            let object = try #require(document.object(document.root))
            #expect(object.kind == .instance && object.type == "os.system")
            #expect(document.elements(object.arguments)?.count == 1)
        }
        #expect(!FileManager.default.fileExists(atPath: marker))
        // The result of a call can be called; it is still nothing.
        let curried = try read(call.opcodes + Array(")R".utf8))
        #expect(curried.object(curried.root)?.type == "")
    }

    @Test func aConfiguration() throws {
        let node = Pickled.call(
            "omegaconf.nodes", "AnyNode", [], state: .dictionary([("_parent", .none), ("_val", .integer(3))]))
        let container = Pickled.call(
            "omegaconf.dictconfig", "DictConfig", [],
            state: .dictionary([("_content", .dictionary([("n", node)])), ("_metadata", .none)]))
        func scalar(_ code: String, _ text: String) -> Pickled {
            .call(
                "numpy.core.multiarray", "scalar",
                [
                    .call("numpy", "dtype", [.text(code), .boolean(false), .boolean(true)], state: nil),
                    .call("_codecs", "encode", [.text(text), .text("latin1")], state: nil),
                ], state: nil)
        }
        let values: [(Pickled, JSONValue)] = [
            (container, .object(["n": .integer(3)])),
            (
                .call("argparse", "Namespace", [], state: .dictionary([("a", .number(0.5))])),
                .object(["a": .number(0.5)])
            ),
            (.ordered([("a", .none)]), .object(["a": .null])),
            (.tuple([.integer(1), .list([.text("x")])]), .array([.integer(1), .array([.string("x")])])),
            (.call("some", "Enum", [.text("gumbel")], state: nil), .string("gumbel")),
            (
                .call("builtins", "getattr", [.global("some", "Enum"), .text("kmeans")], state: nil),
                .string("kmeans")
            ),
            (.call("torch", "Size", [.tuple([.integer(2)])], state: nil), .array([.integer(2)])),
            (.call("torch", "device", [.text("cuda"), .integer(0)], state: nil), .object([:])),
            (.call("collections", "defaultdict", [.global("builtins", "list")], state: nil), .object([:])),
            (scalar("f8", "\0\0\0\0\0\0\u{c}@"), .number(3.5)),
            (scalar("i8", "\u{7}\0\0\0\0\0\0\0"), .integer(7)),
            (scalar("f4", "\0\0\0@"), .number(2)), (scalar("i4", "ÿÿÿÿ"), .integer(-1)),
            (scalar("b1", "\u{1}"), .boolean(true)), (scalar("f8", "too long for it"), .object([:])),
            (.global("a", "b"), .object([:])),
        ]
        for (value, expected) in values {
            let document = try read(value.opcodes)
            #expect(try document.json(document.root) == expected)
        }
    }
}
