import Foundation
import TensorFiles
import Testing

@Suite struct OrderedJSONEncoderTests {
    private func text(_ value: some Encodable) throws -> String {
        var bytes: [UInt8] = []
        try OrderedJSONEncoder().encode(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private struct Record: Encodable {
        var zebra = "a\"\n"
        var apple = [[Int32]](repeating: [3, 17], count: 2)
        var missing: Int?
        var number = 0.05
        var flag = false
        var many: [Int32] = [1, -2]
        var none: [Int32] = []
        var nested = ["k": [1.5]]
        var empty: [String] = []
    }

    @Test func keysKeepTheirOrder() throws {
        #expect(
            try text(Record())
                == #"{"zebra":"a\"\n","apple":[[3,17],[3,17]],"number":0.05,"flag":false,"many":[1,-2],"#
                + #""none":[],"nested":{"k":[1.5]},"empty":[]}"#)
    }

    @Test func scalars() throws {
        #expect(try text("x") == "\"x\"" && text(7) == "7" && text(Int64.min) == "-9223372036854775808")
        #expect(try text(true) == "true" && text(1e-7) == "1e-07" && text(5.0) == "5.0")
        #expect(try text([Int?.none, 2]) == "[null,2]")
        #expect(throws: EncodingError.self) { try text(Double.nan) }
    }

    /// By hand: containers within containers.
    private struct Tree: Encodable {
        func encode(to encoder: any Encoder) throws {
            var list = encoder.unkeyedContainer()
            try list.encode("a")
            var object = list.nestedContainer(keyedBy: Key.self)
            try object.encodeNil(forKey: .two)
            var inner = object.nestedUnkeyedContainer(forKey: .one)
            try inner.encode(1)
            #expect(list.count == 2)
        }

        enum Key: CodingKey { case one, two }
    }

    @Test func nestedContainers() throws {
        #expect(try text(Tree()) == #"["a",{"two":null,"one":[1]}]"#)
    }

    /// What it writes is what Foundation reads.
    @Test func foundationReadsIt() throws {
        let object = try JSONSerialization.jsonObject(with: Data(text(Record()).utf8)) as? NSDictionary
        #expect(object?["zebra"] as? String == "a\"\n" && object?["number"] as? Double == 0.05)
    }
}
