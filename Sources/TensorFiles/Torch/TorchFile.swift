import Files

/// A file of `torch.save`: opening one reads its pickle as data, tensors when they are asked for.
///
/// Everything is copied out of the file, never mapped: one that another program shortens meanwhile is an error.
///
/// Both serialisations are read: a zip archive (torch 1.6 and later) and the stream before it, which holds the
/// magic number, the protocol version, facts about the writer, the object and the keys of its storages, a
/// pickle each, and then the storages (torch/serialization.py, `_load` and `_legacy_load`).
package struct TorchFile: Sendable {
    package enum Serialization: String, Sendable {
        case zip
        case legacy
    }

    package let path: String
    package let serialization: Serialization
    /// What was saved.
    package let document: PickleDocument
    private let file: InputFile
    private let storages: TorchStorages

    /// Whether a file begins as one of torch's, or as something else that `init` refuses by name. A safetensors
    /// file, which may begin with the same bytes, has a brace as its ninth byte.
    package static func isTorchFile(_ path: String) -> Bool {
        guard let bytes = try? beginning(of: InputFile(path: path)), bytes.count > 8,
            bytes[8] != UInt8(ascii: "{")
        else { return false }
        return isZip(bytes) || isPickle(bytes) || isTar(bytes)
    }

    /// As much as tells the kinds apart.
    private static func beginning(of file: InputFile) throws -> [UInt8] {
        try file.bytes(0..<min(file.count, 262))
    }

    private static func isZip(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6])
    }

    private static func isPickle(_ bytes: [UInt8]) -> Bool {
        bytes[0] == PickleOpcode.proto.rawValue && bytes[1] <= 5
    }

    private static func isTar(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 262 && bytes[257..<262].elementsEqual("ustar".utf8)
    }

    /// - Throws: `FileError` where the file cannot be read, `TorchError` that says what is wrong with it.
    package init(path: String) throws {
        self.path = path
        file = try InputFile(path: path)
        do {
            (serialization, document, storages) = try Self.contents(file)
        } catch {
            throw TorchError(error, in: path) ?? error
        }
    }

    private static func contents(
        _ file: InputFile
    ) throws -> (Serialization, PickleDocument, TorchStorages) {
        let bytes = try beginning(of: file)
        guard !isTar(bytes) else {
            throw TorchError.other(
                "a tar archive: unpack it, or, if torch made it, load it there and save it again with torch.save"
            )
        }
        if isZip(bytes) {
            let (document, storages) = try TorchStorages.zip(file)
            return (.zip, document, storages)
        }
        let (document, storages) = try TorchStorages.legacy(file)
        return (.legacy, document, storages)
    }

    /// Begins to compute the SHA-256 of the file that was opened.
    package func hash() -> FileHash { FileHash(of: file) }

    /// Bytes of the file.
    package var byteCount: Int { file.count }

    /// The tensor that a value of the document describes; nil where it describes something else.
    /// - Throws: `TorchError` that names the file, for a tensor that cannot be or is of a kind that is not read.
    package func tensor(_ value: PickleValue) throws -> TorchTensor? {
        do {
            return try storages.tensor(value, in: document)
        } catch {
            throw TorchError(error, in: path) ?? error
        }
    }

    /// Writes the elements as 32-bit floats, row-major, through little memory.
    ///
    /// - Parameter target: as many elements as the tensor has.
    /// - Throws: `TorchError` for a tensor that does not hold real floating-point numbers, `FileError` where it
    ///   cannot be read.
    package func read(_ tensor: TorchTensor, into target: UnsafeMutableBufferPointer<Float>) throws {
        guard tensor.count == target.count else {
            throw TorchError.wrongCount(path: path, count: tensor.count, room: target.count)
        }
        guard tensor.type.isFloatingPoint else {
            throw TorchError.notFloatingPoint(path: path, type: tensor.type)
        }
        for (piece, place) in tensor.pieces {
            let span = piece.span
            guard span.count <= max(Self.largestSpan, 4 * piece.count * piece.type.size) else {
                throw TorchError.scattered(path: path, shape: tensor.shape, byteCount: span.count)
            }
            let part = UnsafeMutableBufferPointer(rebasing: target[place])
            if piece.type == .float32, piece.isContiguous, !storages.isBigEndian {
                try file.read(at: span.lowerBound, into: UnsafeMutableRawBufferPointer(part))
                continue
            }
            try file.bytes(span).withUnsafeBytes {
                TorchGather(tensor: piece, isBigEndian: storages.isBigEndian).floats($0, into: part)
            }
        }
    }

    /// Bytes that are read at once for a tensor whose elements do not follow one another, however few they are.
    private static let largestSpan = 1 << 26
}
