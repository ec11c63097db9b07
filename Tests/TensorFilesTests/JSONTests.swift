import Foundation
import TensorFiles
import TestSupport
import Testing

@Suite struct JSONTests {
    @Test func everyKindOfValue() throws {
        let text =
            #" { "a" : [ null , true, false, 0, -12, 1.5, -2e-3, 1E2, 9223372036854775808 ], "b":{}, "c":[] }"#
        let expected: [JSONValue] = [
            .null, .boolean(true), .boolean(false), .integer(0), .integer(-12), .number(1.5), .number(-0.002),
            .number(100), .number(9_223_372_036_854_775_808),
        ]
        #expect(
            try JSONValue(parsing: text)
                == .object(["a": .array(expected), "b": .object([:]), "c": .array([])]))
    }

    @Test func strings() throws {
        let text = #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 é""#
        #expect(try JSONValue(parsing: text) == .string("\"\\/\u{8}\u{c}\n\r\té😀 é"))
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "[1,]", "[1 2]", "{\"a\"", "{\"a\":", "{\"a\":1,}", "{a:1}", "{1:1}",
        "tru", "nulL",
        "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\n\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"", "\"\n\"", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1e999", "NaN", "1 2",
        "[]]", "\u{feff}1",
        "{\"a\":1,\"a\":1}", "'a'",
    ])
    func refused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x22],
    ])
    func notUTF8(_ bytes: [UInt8]) {
        #expect(message { try bytes.withUnsafeBytes { _ = try JSONValue(parsing: $0) } }.contains("UTF-8"))
    }

    @Test func depthIsBounded() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        _ = try JSONValue(parsing: nested(64))
        #expect(message { _ = try JSONValue(parsing: nested(65)) } == "more than 64 levels at byte 64")
        #expect(
            message { _ = try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }.contains(
                "64 levels"))
    }

    @Test func messagesSayWhere() {
        #expect(message { _ = try JSONValue(parsing: "[1, x]") } == "expected a value at byte 4")
        #expect(message { _ = try JSONValue(parsing: "[1, ") } == "it ends too early")
    }

    @Test func codable() throws {
        let value: JSONValue = .object([
            "a": .array([.null, .boolean(false), .integer(3), .number(0.5), .string("x")]), "b": .object([:]),
        ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(value)
        #expect(try JSONDecoder().decode(JSONValue.self, from: data) == value)
        #expect(try data.withUnsafeBytes { try JSONValue(parsing: $0) } == value)
    }

    @Test func objectsKeepTheirOrderAndCompareKeysAsBytes() throws {
        let value = try JSONValue(parsing: "{\"b\":1,\"caf\u{E9}\":2,\"a\":3,\"cafe\u{301}\":4}")
        guard case .object(var object) = value else { throw JSONError.endsEarly }
        #expect(object.map(\.value) == [.integer(1), .integer(2), .integer(3), .integer(4)])
        #expect(object["caf\u{E9}"] == .integer(2) && object["cafe\u{301}"] == .integer(4))
        object["caf\u{E9}"] = nil
        #expect(object.keys == ["b", "a", "cafe\u{301}"] && object["a"] == .integer(3))
        #expect(
            object.merging(["a": .null, "c": .boolean(true)]).map(\.key) == ["b", "a", "cafe\u{301}", "c"])
        #expect(object.sorted.map(\.key) == ["a", "b", "cafe\u{301}"])
    }
}
