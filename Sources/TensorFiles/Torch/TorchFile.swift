import Files

/// A file of `torch.save`, memory-mapped: opening one reads its pickle as data, tensors when they are asked for.
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
    private let file: MappedFile
    private let storages: TorchStorages

    /// Whether a file begins as one of torch's, or as something else that `init` refuses by name. A safetensors
    /// file, which may begin with the same bytes, has a brace as its ninth byte.
    package static func isTorchFile(_ path: String) -> Bool {
        guard let file = try? MappedFile(path: path) else { return false }
        return file.withBytes { bytes in
            guard bytes.count > 8, bytes[8] != UInt8(ascii: "{") else { return false }
            return isZip(bytes) || isPickle(bytes) || isTar(bytes)
        }
    }

    private static func isZip(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6])
    }

    private static func isPickle(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes[0] == PickleOpcode.proto.rawValue && bytes[1] <= 5
    }

    private static func isTar(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 262 && bytes[257..<262].elementsEqual("ustar".utf8)
    }

    /// - Throws: `TorchError` that names the file and says what is wrong with it.
    package init(path: String) throws {
        self.path = path
        do {
            file = try MappedFile(path: path)
        } catch let error as FileError {
            throw TorchError(error.description)
        }
        do {
            (serialization, document, storages) = try file.withBytes(Self.contents)
        } catch {
            throw Self.located(error, path)
        }
    }

    private static func contents(
        _ bytes: UnsafeRawBufferPointer
    ) throws -> (Serialization, PickleDocument, TorchStorages) {
        guard !isTar(bytes) else {
            throw TorchError(
                "a tar archive: unpack it, or, if torch made it, load it there and save it again with torch.save"
            )
        }
        if isZip(bytes) {
            let (document, storages) = try TorchStorages.zip(bytes)
            return (.zip, document, storages)
        }
        let (document, storages) = try TorchStorages.legacy(bytes)
        return (.legacy, document, storages)
    }

    /// Adds the file's name and, where the error has none of its own, a remedy.
    private static func located(_ error: any Error, _ path: String) -> TorchError {
        let text = "\(error)"
        let isDamage = text.hasPrefix("damaged") || text.hasPrefix("truncated")
        return TorchError("\(path) is \(text)" + (isDamage ? "; use a complete file" : ""))
    }

    /// Begins to compute the SHA-256 of the file that was opened.
    package func hash() -> FileHash { FileHash(of: file) }

    /// Bytes of the file.
    package var byteCount: Int { file.bytes.count }

    /// The tensor that a value of the document describes; nil where it describes something else.
    /// - Throws: `TorchError` that names the file, for a tensor that cannot be or is of a kind that is not read.
    package func tensor(_ value: PickleValue) throws -> TorchTensor? {
        do {
            return try storages.tensor(value, in: document)
        } catch {
            throw Self.located(error, path)
        }
    }

    /// Writes the elements as 32-bit floats, row-major. The pages of the file that this needed are given back,
    /// so that a large file is never in memory beside the model that comes from it.
    ///
    /// - Parameter target: as many elements as the tensor has.
    /// - Throws: `TorchError` for a tensor that does not hold real floating-point numbers.
    package func read(_ tensor: TorchTensor, into target: UnsafeMutableBufferPointer<Float>) throws {
        guard tensor.count == target.count else {
            throw TorchError("\(path): a tensor has \(tensor.count) elements, not \(target.count)")
        }
        for (piece, place) in tensor.pieces {
            let gather = TorchGather(tensor: piece, isBigEndian: storages.isBigEndian)
            let part = UnsafeMutableBufferPointer(rebasing: target[place])
            guard file.withBytes({ gather.floats($0, into: part) }) else {
                throw TorchError(
                    "\(path): a tensor holds elements of type \(tensor.type.rawValue), not floating point")
            }
            file.release(piece.span)
        }
    }
}
