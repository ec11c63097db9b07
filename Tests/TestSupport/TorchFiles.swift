/// A storage of a file of torch.
package struct FakeStorage {
    package let key: String
    /// Elements, as the stream states them.
    package let count: Int
    package let bytes: [UInt8]

    package init(_ key: String, floats: [Float]) {
        (self.key, count, bytes) = (key, floats.count, floats.flatMap { little($0.bitPattern) })
    }

    package init(_ key: String, count: Int, bytes: [UInt8]) {
        (self.key, self.count, self.bytes) = (key, count, bytes)
    }
}

/// Files as `torch.save` writes them, or nearly.
package enum TorchFiles {
    package static let magic: [UInt8] = [
        0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, UInt8(ascii: "."),
    ]

    /// The stream of torch before 1.6.
    /// - Parameter object: the pickle of what is saved.
    package static func legacy(
        _ object: [UInt8], _ storages: [FakeStorage] = [], littleEndian: Bool = true
    ) -> [UInt8] {
        let system = Pickled.dictionary([("little_endian", .boolean(littleEndian))])
        var bytes = magic + Pickled.integer(1001).pickle + system.pickle + object
        bytes += Pickled.list(storages.map { .text($0.key) }).pickle
        for storage in storages {
            bytes += littleEndian ? little(Int64(storage.count)) : little(Int64(storage.count).byteSwapped)
            bytes += storage.bytes
        }
        return bytes
    }

    /// The zip archive of today.
    package static func zip(
        _ object: [UInt8], _ storages: [FakeStorage] = [], byteOrder: String? = "little"
    ) -> [UInt8] {
        var zip = FakeZip()
        zip.add("archive/data.pkl", object)
        if let byteOrder { zip.add("archive/byteorder", Array(byteOrder.utf8)) }
        for storage in storages { zip.add("archive/data/\(storage.key)", storage.bytes) }
        return zip.bytes
    }
}

/// A zip archive whose headers can lie.
package struct FakeZip {
    package struct Entry {
        package var name: String
        package var data: [UInt8]
        package var method: UInt16 = 0
        package var flags: UInt16 = 0
        /// What the directory says in place of the truth.
        package var size: UInt32?
        package var compressedSize: UInt32?
        package var offset: UInt32?
        package var localName: String?
        package var extra: [UInt8] = []
    }

    package var entries: [Entry] = []
    package var count: UInt16?
    package var directorySize: UInt32?
    package var directoryOffset: UInt32?
    package var comment: [UInt8] = []
    /// Between the directory and the record that ends the file.
    package var before64: ((_ directoryOffset: Int, _ directorySize: Int) -> [UInt8])?

    package init() {}

    package mutating func add(_ name: String, _ data: [UInt8]) {
        entries.append(Entry(name: name, data: data))
    }

    package var bytes: [UInt8] {
        var (file, directory) = ([UInt8](), [UInt8]())
        for entry in entries {
            let offset = UInt32(file.count)
            let sizes =
                little(UInt32(0)) + little(UInt32(entry.data.count)) + little(UInt32(entry.data.count))
            let local = Array((entry.localName ?? entry.name).utf8)
            file += [0x50, 0x4B, 3, 4] + little(UInt16(20)) + little(entry.flags) + little(entry.method)
            file += little(UInt32(0)) + sizes + little(UInt16(local.count)) + little(UInt16(0)) + local
            file += entry.data
            let name = Array(entry.name.utf8)
            directory += [0x50, 0x4B, 1, 2] + little(UInt16(20)) + little(UInt16(20)) + little(entry.flags)
            directory += little(entry.method) + little(UInt64(0))
            directory += little(entry.compressedSize ?? UInt32(entry.data.count))
            directory += little(entry.size ?? UInt32(entry.data.count))
            directory += little(UInt16(name.count)) + little(UInt16(entry.extra.count)) + little(UInt16(0))
            directory += little(UInt64(0)) + little(entry.offset ?? offset) + name + entry.extra
        }
        let (start, size) = (file.count, directory.count)
        let number = count ?? UInt16(entries.count)
        file += directory + (before64?(start, size) ?? []) + [0x50, 0x4B, 5, 6] + little(UInt32(0))
        file += little(number) + little(number) + little(directorySize ?? UInt32(size))
        return file + little(directoryOffset ?? UInt32(start)) + little(UInt16(comment.count)) + comment
    }
}
