import Files
import TensorFiles
import TestSupport
import Testing

/// Archives as Kaldi's holders write them, byte by byte, and what is none.
@Suite struct ArkFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func sized(_ value: Int32) -> [UInt8] {
        [4] + withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private func matrix(_ rows: Int32, _ columns: Int32, _ kind: String = "FM ") -> [UInt8] {
        Array("a \0B".utf8) + Array(kind.utf8) + sized(rows) + sized(columns)
    }

    private func objects(_ bytes: [UInt8]) throws -> [ArkFile.Object] {
        let file = try ArkFile(path: try folder.write(bytes, to: "a.ark"))
        return try file.entries().map(\.object)
    }

    @Test func matricesAndIntegers() throws {
        let single = matrix(1, 2) + [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]
        let double = matrix(2, 1, "DM ") + [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]
        let integers = Array("b \0B".utf8) + sized(2) + sized(7) + sized(-1)
        #expect(
            try objects(single + double + integers) == [
                .matrix(rows: 1, columns: 2, values: [1, -2]), .matrix(rows: 2, columns: 1, values: [1, -2]),
                .integers([7, -1]),
            ])
    }

    /// Two numbers of 32 bits may state any number of bytes, also more than fit into an integer of 64.
    @Test func matricesThatAreNotThere() {
        let sizes: [(Int32, Int32)] = [(.max, .max), (.max, 2), (-1, 4), (4, -1), (1, 1)]
        for (rows, columns) in sizes {
            for kind in ["FM ", "DM "] {
                let text = message { try objects(matrix(rows, columns, kind)) }
                #expect(
                    text.contains("a.ark is damaged: no matrix of \(rows) × \(columns) at byte 2"), "\(text)")
            }
        }
    }

    @Test func otherDamage() {
        func refusal(_ bytes: [UInt8]) -> String { message { try objects(bytes) } }
        #expect(refusal(Array("abc".utf8)).contains("no key at byte 0"))
        #expect(refusal(Array("a [ 1 2 ]\n".utf8)).contains("is a text archive at byte 2"))
        #expect(refusal(matrix(1, 1, "CM ")).contains("neither a plain matrix nor a vector"))
        #expect(refusal(Array("a \0B".utf8) + sized(3) + sized(1)).contains("no vector of 3 integers"))
        #expect(refusal(Array("a \0BFM ".utf8) + [8]).contains("no 32-bit integer"))
    }
}
