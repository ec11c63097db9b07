import Files

/// The entries of a zip archive, checked against its length before anything is read
/// (PKWARE's APPNOTE.TXT, with the 64-bit extension).
///
/// Only stored entries can be read: nothing is ever inflated. Entries may neither overlap nor share a name, and
/// the two headers of an entry have to agree, so that what is read is what any other program would read.
/// Checksums are not compared: torch can be told to leave them out.
package struct ZipReader {
    package struct Entry {
        package let name: String
        /// 0: stored.
        package let method: UInt16
        /// Position of the data in the file.
        package let data: Range<Int>
        /// Bytes once decompressed, by its header.
        package let size: UInt64
    }

    /// In the order of the directory.
    package let names: [String]
    /// By their names' bytes: strings of Swift are equal where Unicode takes them for the same text.
    private let entries: [ByteString: Entry]

    /// - Throws: `ZipReaderError` or `ByteCursorError`, without the name of the file; `FileError` where it cannot be read.
    package init(_ file: some ByteSource) throws {
        let directory = try ZipDirectory(file)
        let headers = try file.withCursor(directory.range) { cursor in
            let headers = try (0..<directory.count).map { _ in try ZipEntryHeader(&cursor) }
            guard cursor.left == 0 else {
                throw ZipReaderError.damaged("its directory holds more than entries")
            }
            return headers
        }
        var (names, entries) = ([String](), [ByteString: Entry]())
        var taken: [Range<Int>] = []
        for header in headers {
            let entry = try header.entry(file, before: directory.range.lowerBound)
            guard entries.updateValue(entry, forKey: ByteString(entry.name)) == nil else {
                throw ZipReaderError.damaged("it has two entries \(quoted(entry.name))")
            }
            names.append(entry.name)
            taken.append(header.offset..<entry.data.upperBound)
        }
        taken.sort { $0.lowerBound < $1.lowerBound }
        for (entry, next) in zip(taken, taken.dropFirst()) where next.lowerBound < entry.upperBound {
            throw ZipReaderError.damaged("its entries overlap at byte \(next.lowerBound)")
        }
        (self.names, self.entries) = (names, entries)
    }

    package func contains(_ name: String) -> Bool { entries[ByteString(name)] != nil }

    /// Where the bytes of a stored entry lie.
    /// - Throws: `ZipReaderError` for an entry that is missing or compressed.
    package func stored(_ name: String) throws -> Range<Int> {
        guard let entry = entries[ByteString(name)] else {
            throw ZipReaderError.damaged("it has no entry \(quoted(name))")
        }
        guard entry.method == 0 else {
            throw ZipReaderError.refused(
                "its entry \(quoted(name)) is compressed, which torch.save and numpy.savez never do; unpack it and "
                    + "zip it again without compression (zip -0)")
        }
        guard entry.size == UInt64(entry.data.count) else {
            throw ZipReaderError.damaged(
                "its entry \(quoted(name)) has \(entry.data.count) bytes instead of \(entry.size)")
        }
        return entry.data
    }
}

/// A zip archive that cannot be used, and why: the rest of a sentence that begins with the name of the file.
package enum ZipReaderError: Error, Equatable {
    case noDirectory
    case damaged(String)
    /// Whole, but of a kind that is not read.
    case refused(String)
}

extension ZipReaderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDirectory: "truncated or damaged: a zip archive without its directory at the end"
        case .damaged(let problem): "damaged: \(problem)"
        case .refused(let problem): "refused: \(problem)"
        }
    }
}
