import Testing

/// The entries of a zip archive of stored files, found through its directory.
package struct StoredZip {
    package private(set) var names: [String] = []
    package private(set) var entries: [String: [UInt8]] = [:]

    package init(_ bytes: [UInt8]) throws {
        let end = bytes.count - 22
        try #require(bytes.number(end, 4) == 0x0605_4B50)
        var place = bytes.number(end + 16, 4)
        for _ in 0..<bytes.number(end + 10, 2) {
            try #require(bytes.number(place, 4) == 0x0201_4B50)
            let length = bytes.number(place + 28, 2)
            let name = String(decoding: bytes[place + 46..<place + 46 + length], as: UTF8.self)
            let local = bytes.number(place + 42, 4)
            let data = local + 30 + bytes.number(local + 26, 2) + bytes.number(local + 28, 2)
            #expect(data % 64 == 0)
            names.append(name)
            entries[name] = Array(bytes[data..<data + bytes.number(place + 20, 4)])
            place += 46 + length + bytes.number(place + 30, 2)
        }
    }
}

extension [UInt8] {
    /// A little-endian number; 0 past the end, which no test expects there.
    package func number(_ offset: Int, _ width: Int) -> Int {
        guard offset >= 0, offset + width <= count else { return 0 }
        return Int(
            truncatingIfNeeded: self[offset..<offset + width].reversed().reduce(UInt64(0)) {
                $0 << 8 | UInt64($1)
            })
    }
}
