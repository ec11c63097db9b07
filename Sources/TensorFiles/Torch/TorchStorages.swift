import Files

/// Where the storages of a file of torch lie.
package struct TorchStorages: Sendable {
    private enum Place: Sendable {
        /// Entries of a zip archive below this name.
        case zip(ZipReader, prefix: String)
        case stream([ByteString: Range<Int>])
    }

    private let place: Place
    package let isBigEndian: Bool

    /// The zip archive of today: `NAME/data.pkl`, `NAME/data/KEY` and, in newer ones, `NAME/byteorder`.
    package static func zip(_ file: some ByteSource) throws -> (PickleDocument, TorchStorages) {
        let zip = try ZipReader(file)
        let pickles = zip.names.filter { name in
            let parts = name.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == 2 && parts[1] == "data.pkl"
        }
        guard pickles.count == 1, let pickle = pickles.first else {
            throw TorchError.other(
                "a zip archive, but none of torch.save: use the checkpoint that it may contain")
        }
        let prefix = String(pickle.dropLast("data.pkl".count))
        guard !zip.contains(prefix + "constants.pkl") else {
            throw TorchError.other("a TorchScript program: use the checkpoint that it was made from")
        }
        var isBigEndian = false
        if zip.contains(prefix + "byteorder") {
            let range = try zip.stored(prefix + "byteorder")
            let order = String(decoding: try file.bytes(range.prefix(64)), as: UTF8.self)
            guard order == "little" || order == "big" else {
                throw TorchError.damaged("its byte order is \(quoted(order))")
            }
            isBigEndian = order == "big"
        }
        let range = try zip.stored(pickle)
        let document = try PickleMachine.read(file, in: range)
        guard document.end == range.upperBound else {
            throw TorchError.damaged("its pickle ends before its entry does")
        }
        return (document, TorchStorages(place: .zip(zip, prefix: prefix + "data/"), isBigEndian: isBigEndian))
    }

    /// The stream of torch before 1.6.
    package static func legacy(_ file: some ByteSource) throws -> (PickleDocument, TorchStorages) {
        var position = 0
        func next() throws -> PickleDocument {
            let document = try PickleMachine.read(file, in: position..<file.count)
            position = document.end
            return document
        }
        guard case .largeInteger(magicNumber) = try next().root else {
            throw TorchError.other("a pickle, but none of torch.save: use a checkpoint of fairseq")
        }
        guard try next().root == .integer(1001) else {
            throw TorchError.other(
                "of another version of torch's stream than 1001: save it again with torch.save")
        }
        let system = try next()
        let isBigEndian = system.value("little_endian", in: system.root) == .boolean(false)
        let document = try next()
        let keys = try next()
        let sizes = try StorageReference.all(in: document)
        var ranges: [ByteString: Range<Int>] = [:]
        for value in keys.elements(keys.root) ?? [] {
            guard case .text(let text) = value, case let key = ByteString(text), let reference = sizes[key],
                ranges[key] == nil
            else {
                throw TorchError.damaged("it holds a storage that no tensor refers to")
            }
            let count = try file.withCursor(position..<position + 8) { try $0.integer(Int64.self) }
            guard count == (isBigEndian ? Int64(reference.count).byteSwapped : Int64(reference.count)) else {
                throw TorchError.damaged(
                    "its storage \(quoted(text)) does not have \(reference.count) elements")
            }
            position += 8
            guard reference.byteCount <= file.count - position else {
                throw ByteCursorError.cut(
                    position: position, needed: reference.byteCount, left: file.count - position)
            }
            ranges[key] = position..<position + reference.byteCount
            position += reference.byteCount
        }
        guard position == file.count else {
            throw TorchError.damaged("\(file.count - position) bytes at its end belong to nothing")
        }
        return (document, TorchStorages(place: .stream(ranges), isBigEndian: isBigEndian))
    }

    /// 0x1950a86a20f9469cfc6c, little-endian.
    private static let magicNumber: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

    /// Where a storage lies in the file.
    package func range(_ reference: StorageReference) throws -> Range<Int> {
        let whole: Range<Int>
        switch place {
        case .zip(let zip, let prefix): whole = try zip.stored(prefix + reference.key)
        case .stream(let ranges):
            guard let range = ranges[ByteString(reference.key)] else {
                throw TorchError.damaged("it has no storage \(quoted(reference.key))")
            }
            whole = range
        }
        guard whole.count == reference.byteCount else {
            throw TorchError.damaged(
                "its storage \(quoted(reference.key)) has \(whole.count) bytes instead of "
                    + "\(reference.byteCount)")
        }
        guard let view = reference.view else { return whole }
        return whole.lowerBound + view.lowerBound..<whole.lowerBound + view.upperBound
    }
}
