import Foundation
import TensorFiles
import TestSupport
import Testing

/// Pickles that lie, as the object of a stream and as the entry of an archive: one error that names the file.
@Suite struct PickleHostileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The error; nil where the file is read.
    private func refusal(_ opcodes: [UInt8], stop: Bool = true) throws -> String? {
        let object = [0x80, 2] + opcodes + (stop ? [UInt8(ascii: ".")] : [])
        var texts: [String?] = []
        for bytes in [TorchFiles.legacy(object), TorchFiles.zip(object)] {
            let path = try folder.write(bytes, to: "hostile")
            do {
                _ = try TorchFile(path: path)
                texts.append(nil)
            } catch let error as TorchError {
                let text = error.description
                #expect(text.hasPrefix(path + " is ") && !text.contains("\n") && text.count < 400, "\(text)")
                texts.append(text)
            }
        }
        #expect((texts[0] == nil) == (texts[1] == nil), "\(texts)")
        return texts[1]
    }

    @Test func everyOpcodeAlone() throws {
        let alone = Set("NK)]}".utf8).union([0x88, 0x89, 0x8F])
        for opcode in UInt8.min...UInt8.max {
            for operands in [[], [0], [UInt8](repeating: 0, count: 9), [UInt8](repeating: 255, count: 9)] {
                _ = try refusal([opcode] + operands, stop: false)
                _ = try refusal([opcode] + operands)
            }
            let text = try refusal([opcode] + (opcode == UInt8(ascii: "K") ? [0] : []))
            #expect((text == nil) == alone.contains(opcode), "\(opcode): \(text ?? "read")")
        }
    }

    @Test(arguments: Array("FILSVgpPiolI\u{1}".utf8) + [0x82, 0x83, 0x84, 0x97, 0x98, 0x99, 0xFF])
    func anOpcodeThatIsNotAllowed(_ opcode: UInt8) throws {
        // LIST is allowed, and pops a mark that is not there.
        let expected = opcode == UInt8(ascii: "l") ? "no mark" : "opcode 0x"
        let text = try #require(try refusal([opcode]))
        #expect(text.contains(expected), "\(text)")
    }

    @Test(
        arguments: [
            ([0x58, 0xFF, 0xFF, 0xFF, 0xFF], "bytes of text"),
            ([0x58, 0, 0, 0, 1], "bytes are left|are left"),
            ([0x8D] + [UInt8](repeating: 0xFF, count: 8), "bytes of text"),
            ([0x8D, 0, 0, 0, 0, 0, 0, 0, 0x80], "bytes of text"),
            ([0x8E] + [UInt8](repeating: 0xFF, count: 8), "bytes of text"),
            ([0x8B, 0xFF, 0xFF, 0xFF, 0xFF], "-1 bytes of text"), ([0x8B, 0, 0, 0, 0x80], "bytes of text"),
            ([0x54, 0xFF, 0xFF, 0xFF, 0xFF], "-1 bytes of text"), ([0x8C, 255, 1], "are left"),
            ([0x8A, 255, 1], "are left"), ([0x42, 255, 255, 255, 0x7F], "bytes of text"),
            ([0x68, 3], "nothing was stored as 3"),
            ([0x6A, 255, 255, 255, 255], "nothing was stored as 4294967295"),
            (Array("t".utf8), "no mark"), (Array("(NR".utf8), "too short"),
            (Array("NNR".utf8), "not a tuple"),
            (Array("N)R".utf8), "neither a class nor a function"), (Array("N)".utf8) + [0x81], "neither"),
            (Array("]Nb".utf8), "cannot take it"), (Array("NNa".utf8), "cannot take it"),
            (Array(")Na".utf8), "cannot take it"), (Array("}Na".utf8), "cannot take it"),
            (Array("]NNs".utf8), "cannot take it"), (Array("}(Nu".utf8), "no value"),
            (Array("(Nd".utf8), "no value"),
            (Array("}(NNN".utf8), "work left"), (Array("NN".utf8), "work left"),
            (Array("(N".utf8), "work left|empty"),
            (Array("N(".utf8), "empty"), (Array("N(0".utf8), "empty"), (Array("N(q\0".utf8), "empty"),
            ([0x4E, 0x4E, 0x93], "not a text"), (Array("cos\nsystem".utf8), "does not end"),
            (Array("c".utf8) + [UInt8](repeating: 0x61, count: 3000) + Array("\na\n".utf8), "does not end"),
            ([0x80, 1], "protocol 1"), ([0x80, 6], "protocol 6"), ([0x80, 0], "protocol 0"),
        ] as [([UInt8], String)])
    func aProgramThatGoesWrong(_ opcodes: [UInt8], _ problem: String) throws {
        let text = try #require(try refusal(opcodes))
        #expect(problem.split(separator: "|").contains { text.contains($0) }, "\(text)")
        #expect(text.hasSuffix("; use a complete file"))
    }

    @Test func tooMuch() throws {
        let operations = [UInt8](Array(repeating: Array("N0".utf8), count: 2_200_000).joined())
        #expect(try refusal(operations + Array("N".utf8))?.contains("more than 4194304 operations") == true)
        let objects = [UInt8](repeating: UInt8(ascii: "]"), count: 1_050_000)
        #expect(try refusal(objects)?.contains("more than 1048576 objects") == true)
        // Half a million levels: reading, copying and freeing them must not recurse.
        let deep = Array("N".utf8) + [UInt8](repeating: 0x85, count: 500_000)
        #expect(try refusal(deep) == nil)
    }

    @Test func aContainerThatHoldsItself() throws {
        let loop = Array("]q\0h\0a".utf8)
        #expect(try refusal(loop) == nil, "it is not followed")
        let document = try TorchFile(path: folder.file("hostile")).document
        #expect(message { _ = try document.json(document.root) }.contains("refers to itself"))
        let deep = Array("N".utf8) + [UInt8](repeating: 0x85, count: 100)
        #expect(try refusal(deep) == nil)
        let nested = try TorchFile(path: folder.file("hostile")).document
        #expect(message { _ = try nested.json(nested.root) }.contains("nested too deeply"))
    }

    /// Each list holds the one before it twice: 2^40 values in some hundred bytes.
    @Test func listsThatDouble() throws {
        var opcodes = Array("]q\0".utf8)
        for _ in 0..<40 { opcodes += Array("]q\u{1}(h\0h\0eq\0".utf8) }
        // What is left on the stack goes into a tuple.
        #expect(try refusal(Array("(".utf8) + opcodes + Array("t".utf8)) == nil)
        let document = try TorchFile(path: folder.file("hostile")).document
        #expect(message { _ = try document.json(document.root) }.contains("nested too deeply"))
    }

    @Test func randomPrograms() throws {
        let opcodes = Array("()012GJKMNQRTUXabcdehjl]qrstu}".utf8) + Array(0x80...0x96) + [0x42, 0x43]
        var draws = Draws(7)
        var read = 0
        for _ in 0..<3000 {
            var program = Array("(]})N".utf8)
            for _ in 0..<draws.draw(40) {
                program.append(opcodes[draws.draw(opcodes.count)])
                if draws.draw(3) == 0 { program.append(UInt8(draws.draw(4))) }
            }
            if try refusal(program) == nil { read += 1 }
        }
        #expect(read < 1500)
    }
}
