import Foundation
import TensorFiles
import TestSupport
import Testing

/// Files that lie: each has to give one error that names the file.
@Suite struct SafetensorsHostileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func file(header: String, data: Int, length: UInt64? = nil) -> [UInt8] {
        let length = length ?? UInt64(header.utf8.count)
        let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        return prefix + Array(header.utf8) + [UInt8](repeating: 0, count: data)
    }

    private func refusal(_ bytes: [UInt8]) throws -> String {
        let path = try folder.write(bytes, to: "hostile")
        do {
            _ = try SafetensorsFile(path: path)
            return "no error"
        } catch let error as SafetensorsError {
            #expect(error.description.hasPrefix(path) && !error.description.contains("\n"))
            return error.description
        }
    }

    private func tensor(_ type: String, _ shape: String, _ offsets: String) -> String {
        #"{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }

    @Test func notSafetensorsAtAll() throws {
        #expect(try refusal([]).contains("too short"))
        #expect(try refusal([1, 2, 3]).contains("too short"))
        #expect(try refusal(file(header: "", data: 0)).contains("damaged header"))
        #expect(try refusal(Array("RIFF....WAVEfmt and so on".utf8)).contains("not a safetensors file"))
        #expect(try refusal(file(header: "{}", data: 0, length: .max)).contains("not a safetensors file"))
        #expect(
            try refusal(file(header: "{}", data: 0, length: 100_000_001)).contains("not a safetensors file"))
        #expect(try refusal(file(header: "{}", data: 0, length: 3)).contains("truncated"))
        #expect(try refusal(file(header: "[]", data: 0)).contains("not a JSON object"))
        #expect(try refusal(file(header: "{\"a\":", data: 4)).contains("ends too early"))
        #expect(try refusal(file(header: String(repeating: "[", count: 9000), data: 0)).contains("64 levels"))
    }

    @Test func anEmptyFileOfTensorsIsFine() throws {
        let path = try folder.write(file(header: "{}      ", data: 0), to: "a")
        #expect(try SafetensorsFile(path: path).names == [])
    }

    @Test(arguments: [
        ("F32", "[2]", "[0,4]", "cannot have 4 bytes"), ("F32", "[1]", "[0,8]", "cannot have 8 bytes"),
        ("F99", "[1]", "[0,4]", "\"F99\""), ("F32", "[-1]", "[0,4]", "cannot have"),
        ("F32", "[-1,-1]", "[0,4]", "cannot have"), ("F32", "[1.0]", "[0,4]", "not described"),
        ("F32", "[true]", "[0,4]", "not described"), ("F32", "1", "[0,4]", "not described"),
        ("F32", "[1]", "[0]", "not described"), ("F32", "[1]", "[0,4,8]", "not described"),
        ("F32", "[1]", "[4,0]", "outside"), ("F32", "[1]", "[-4,0]", "outside"),
        ("F32", "[1]", "[0,9223372036854775807]", "outside"),
        ("F32", "[1]", "[9223372036854775803,9223372036854775807]", "outside"),
        ("F32", "[1]", "[0,18446744073709551615]", "not described"),
        ("F32", "[1]", "[0,1e3]", "not described"),
        ("F32", "[4294967296,4294967296]", "[0,4]", "cannot have"),
        ("F32", "[4611686018427387905]", "[0,4]", "cannot have"),
        ("F32", "[2305843009213693952,2]", "[0,0]", "cannot have"),
        ("F32", "[2]", "[0,8]", "truncated"), ("F32", "[1000000000]", "[0,4000000000]", "truncated"),
        ("U8", "[3]", "[0,3]", "belong to no tensor"), ("U8", "[3]", "[1,4]", "gap"),
        ("F32", "[0]", "[0,0]", "belong to no tensor"), ("F32", "[0]", "[8,8]", "truncated"),
    ])
    func oneTensorOverFourBytes(_ type: String, _ shape: String, _ offsets: String, _ problem: String) throws
    {
        let header = "{\"a\":\(tensor(type, shape, offsets))}"
        let text = try refusal(file(header: header, data: 4))
        #expect(text.contains(problem), "\(text)")
    }

    @Test func severalTensors() throws {
        let (a, b) = (tensor("U8", "[4]", "[0,4]"), tensor("U8", "[4]", "[3,7]"))
        #expect(try refusal(file(header: "{\"a\":\(a),\"b\":\(b)}", data: 7)).contains("overlaps"))
        #expect(try refusal(file(header: "{\"a\":\(a),\"b\":\(a)}", data: 4)).contains("overlaps"))
        #expect(try refusal(file(header: "{\"a\":\(a),\"a\":\(a)}", data: 4)).contains("second time"))
        let far = tensor("U8", "[4]", "[5,9]")
        #expect(try refusal(file(header: "{\"a\":\(a),\"b\":\(far)}", data: 9)).contains("gap"))
    }

    @Test func entriesOfTheWrongKind() throws {
        #expect(try refusal(file(header: #"{"a":3}"#, data: 0)).contains("not described"))
        #expect(try refusal(file(header: #"{"a":{}}"#, data: 0)).contains("not described"))
        #expect(try refusal(file(header: #"{"__metadata__":[]}"#, data: 0)).contains("not an object"))
        #expect(
            try refusal(file(header: #"{"__metadata__":{"a":1}}"#, data: 0)).contains("more than strings"))
    }

    @Test func aLongNameIsCutAndEscaped() throws {
        let name = "\\u001b[2J" + String(repeating: "x", count: 5000)
        let text = try refusal(file(header: "{\"\(name)\":3}", data: 0))
        #expect(text.count < 400 && text.contains("\\u001b[2Jxxx") && text.contains("…"))
    }

    @Test func filesThatCannotBeRead() throws {
        for (path, problem) in [
            (folder.file("missing"), "No such file"), (folder.path, "it is a folder"),
            ("", "empty"), ("a\0b", "zero byte"),
        ] {
            #expect(message { _ = try SafetensorsFile(path: path) }.contains(problem))
        }
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(message { _ = try SafetensorsFile(path: folder.file("pipe")) }.contains("regular file"))
    }

    @Test func dataAtAnyAddress() throws {
        // A header of odd length: the floats begin at an odd address.
        let header = "{\"a\":\(tensor("F32", "[2]", "[0,8]"))}"
        for spaces in 0..<4 {
            let padded = header + String(repeating: " ", count: spaces)
            var bytes = file(header: padded, data: 8)
            bytes[bytes.count - 1] = 0x40
            let file = try SafetensorsFile(path: folder.write(bytes, to: "a"))
            #expect(try file.floats("a") == [0, 2])
            #expect(try file.floats("a") == [0, 2])
        }
    }

    /// Every shortened file, and thousands with a few bytes changed: read whole or refused, nothing else.
    @Test func damagedFiles() throws {
        try SafetensorsWriter.write(
            folder.file("whole"),
            tensors: [
                .init(name: "a", shape: [2, 2], floats: [1, 2, 3, 4]),
                .init(name: "b", shape: [3], integers: [1, 2, 3]),
            ], metadata: ["k": "v"])
        let whole = try folder.read("whole")
        for length in 0..<whole.count {
            #expect(try refusal(Array(whole[..<length])) != "no error")
        }
        var random: UInt64 = 1
        func draw(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        let dataBytes = 40
        let syntax = Array("0123456789[]{},:\"F".utf8)
        var read = 0
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0...draw(3) {
                let byte = draw(2) == 0 ? UInt8(draw(256)) : syntax[draw(syntax.count)]
                bytes[draw(whole.count - dataBytes)] = byte
            }
            let path = try folder.write(bytes, to: "hostile")
            do {
                let file = try SafetensorsFile(path: path)
                for name in file.names {
                    _ = try? file.floats(name)
                    _ = try? file.integers(name)
                }
                read += 1
            } catch let error as SafetensorsError {
                #expect(error.description.hasPrefix(path))
            }
        }
        #expect((1..<1500).contains(read), "most changes must be noticed, changes of names cannot")
    }
}
