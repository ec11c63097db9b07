import Testing

/// The entries of a zip archive of stored files, found through its directory.
struct StoredZip {
    private(set) var names: [String] = []
    private(set) var entries: [String: [UInt8]] = [:]

    init(_ bytes: [UInt8]) throws {
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
