import TensorFiles
import TestSupport
import Testing

@Suite struct PickleWriterTests {
    private func unpickled(_ write: (inout PickleWriter) -> Void) throws -> Unpickled {
        var pickle = PickleWriter()
        write(&pickle)
        return try Unpickled(pickle.finished)
    }

    /// The bytes of Python's own pickler, but for its memos: pickletools.optimize(pickle.dumps(x, 2)).
    @Test func bytesAreThoseOfPython() {
        var pickle = PickleWriter()
        pickle.tuple {
            $0.integer(70_000)
            $0.string("ä")
            $0.number(-0.5)
        }
        let expected: [UInt8] =
            [0x80, 2, 0x28, 0x4A, 0x70, 0x11, 1, 0] + [0x58, 2, 0, 0, 0, 0xC3, 0xA4]
            + [0x47, 0xBF, 0xE0, 0, 0, 0, 0, 0, 0] + [0x74, 0x2E]
        #expect(pickle.finished == expected)
    }

    @Test(arguments: [
        0, 1, -1, 255, 65_536, Int(Int32.max), Int(Int32.min), 1 << 31, -(1 << 31) - 1, .max, .min,
    ])
    func integers(_ value: Int) throws {
        #expect(try unpickled { $0.integer(value) } == .integer(value))
    }

    @Test func documents() throws {
        let value: JSONValue = .object([
            "b": .array([.null, .boolean(true), .integer(3), .number(0.1), .string("x")]), "a": .object([:]),
            "c": .array([]),
        ])
        let expected: Unpickled = .dictionary([
            .init(key: .string("a"), value: .dictionary([])),
            .init(
                key: .string("b"),
                value: .list([.none, .boolean(true), .integer(3), .number(0.1), .string("x")])),
            .init(key: .string("c"), value: .list([])),
        ])
        #expect(try unpickled { $0.value(value) } == expected)
    }

    @Test func objects() throws {
        let object = try unpickled { pickle in
            pickle.global("argparse", "Namespace")
            pickle.tuple { _ in }
            pickle.newObject()
            pickle.dictionary { $0.items(["lr": .number(1)]) }
            pickle.build()
        }
        #expect(
            object
                == .call(
                    .global("argparse.Namespace"), .tuple([]),
                    state: .dictionary([.init(key: .string("lr"), value: .number(1))])))
    }

    @Test func anObjectCanBeWrittenAgain() throws {
        let pair = try unpickled { pickle in
            pickle.tuple { pickle in
                pickle.string("x")
                let x = pickle.remember()
                pickle.string("y")
                let y = pickle.remember()
                pickle.again(y)
                pickle.again(x)
            }
        }
        #expect(pair == .tuple(["x", "y", "y", "x"].map { .string($0) }))
    }
}
