import Foundation
import Reports
import Testing

/// A message of protocol buffers taken apart: the values of each field in their order.
struct ReadMessage {
    enum Value: Equatable {
        case number(UInt64)
        case bytes([UInt8])
    }

    private(set) var fields: [Int: [Value]] = [:]

    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        func varint() throws -> UInt64 {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while true {
                let next = rest.popFirst()
                let byte = try #require(next)
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
        }
        func take(_ count: Int) throws -> [UInt8] {
            try #require(rest.count >= count)
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        while !rest.isEmpty {
            let key = try varint()
            let value: Value
            switch key & 7 {
            case 0: value = .number(try varint())
            case 1: value = .number(ReadMessage.number(try take(8)))
            case 2: value = .bytes(try take(Int(try varint())))
            case 5: value = .number(ReadMessage.number(try take(4)))
            default: throw CocoaError(.fileReadCorruptFile)
            }
            fields[Int(key >> 3), default: []].append(value)
        }
    }

    static func number(_ bytes: some Collection<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    func number(_ field: Int) -> UInt64? {
        if case .number(let value)? = fields[field]?.first { value } else { nil }
    }

    func bytes(_ field: Int) -> [UInt8]? {
        if case .bytes(let value)? = fields[field]?.first { value } else { nil }
    }

    func double(_ field: Int) -> Double? { number(field).map { Double(bitPattern: $0) } }
    func float(_ field: Int) -> Float? { number(field).map { Float(bitPattern: UInt32($0)) } }
    func string(_ field: Int) -> String? { bytes(field).map { String(decoding: $0, as: UTF8.self) } }

    func doubles(_ field: Int) -> [Double]? {
        bytes(field).map { bytes in
            stride(from: 0, to: bytes.count, by: 8).map {
                Double(bitPattern: ReadMessage.number(bytes[$0..<$0 + 8]))
            }
        }
    }

    func messages(_ field: Int) throws -> [ReadMessage] {
        try (fields[field] ?? []).map { value in
            guard case .bytes(let bytes) = value else { throw CocoaError(.fileReadCorruptFile) }
            return try ReadMessage(bytes)
        }
    }

    /// The events of a file, their frames checked.
    static func events(_ path: String) throws -> [ReadMessage] {
        var rest = [UInt8](try Data(contentsOf: URL(filePath: path)))[...]
        var events: [ReadMessage] = []
        while !rest.isEmpty {
            let length = Array(rest.prefix(8))
            let count = Int(number(length))
            try #require(rest.count >= count + 16)
            #expect(UInt32(number(rest.dropFirst(8).prefix(4))) == CRC32C.masked(length))
            let body = Array(rest.dropFirst(12).prefix(count))
            #expect(UInt32(number(rest.dropFirst(12 + count).prefix(4))) == CRC32C.masked(body))
            events.append(try ReadMessage(body))
            rest = rest.dropFirst(16 + count)
        }
        return events
    }
}
