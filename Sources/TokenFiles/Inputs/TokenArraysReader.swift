import Files
import Foundation
import SystemPackage
import TensorFiles

/// Reads formats of arrays: npy folders, npz, safetensors, Kaldi's archives.
struct TokenArraysReader {
    private let path: String
    private let format: ArrayFormat

    init(path: String, format: ArrayFormat) { (self.path, self.format) = (path, format) }

    /// - Throws: `FileError`, `SafetensorsError` or `TokenInputError` that names the array.
    func tokens() throws -> [RawTokens] {
        let arrays: [(name: ByteString, shape: [Int], values: [Int]?)]
        switch format {
        case .npy: arrays = try folder()
        case .npz: arrays = try archive()
        case .safetensors:
            let file = try SafetensorsFile(path: path)
            arrays = try file.names.map {
                (ByteString($0), try file.entry($0).shape, try file.integers($0).map { Int($0) })
            }
        default: arrays = try kaldi()
        }
        var durations: [ByteString: [Int32]] = [:]
        var tokens: [RawTokens] = []
        let names = Set(arrays.map(\.name))
        let ending = Array(EncodedTokens.durationsEnding.utf8)
        for (name, shape, values) in arrays {
            guard let ids = values?.compactMap({ Int32(exactly: $0) }), ids.count == values?.count else {
                throw TokenInputError.malformed(path: path, at: .name(name), .notIDs("an element"))
            }
            let owner = ByteString(name.bytes.dropLast(ending.count))
            if name.bytes.suffix(ending.count).elementsEqual(ending), names.contains(owner) {
                durations[owner] = ids
                continue
            }
            guard shape.count == 1 || shape.count == 2 && shape[1] > 0 else {
                throw TokenInputError.malformed(path: path, at: .name(name), .shape(shape))
            }
            tokens.append(RawTokens(name: name, values: ids, columns: shape.count == 2 ? shape[1] : 1))
        }
        return tokens.map { tokens in
            var tokens = tokens
            tokens.durations = durations[tokens.name]
            return tokens
        }
    }

    private func folder() throws -> [(ByteString, [Int], [Int]?)] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: path).filter { $0.hasSuffix(".npy") }
        return try names.sorted().map { name in
            let array = try NumpyArray(path: "\(FilePath(path).appending(ByteString(name)))")
            return (ByteString(String(name.dropLast(4))), array.shape, array.integers)
        }
    }

    private func archive() throws -> [(ByteString, [Int], [Int]?)] {
        let file = try InputFile(path: path)
        let bytes = try file.bytes(0..<file.count)
        return try bytes.withUnsafeBytes { memory in
            do {
                let zip = try ZipReader(memory)
                return try zip.names.filter { $0.hasSuffix(".npy") }.map { name in
                    let array = try NumpyArray(
                        "\(path), array \(quoted(name))", Array(memory[try zip.stored(name)]))
                    return (ByteString(String(name.dropLast(4))), array.shape, array.integers)
                }
            } catch let error as ZipReaderError {
                throw FileError.unusable(path: path, problem: "cannot be read: \(error)")
            } catch let error as ByteCursorError {
                throw FileError.unusable(path: path, problem: "is \(error); write it with numpy.savez")
            }
        }
    }

    private func kaldi() throws -> [(ByteString, [Int], [Int]?)] {
        let base = path.hasSuffix(".scp") || path.hasSuffix(".ark") ? String(path.dropLast(4)) : path
        let durations = ArkPaths(output: base, part: EncodedTokens.durationsEnding).archive
        var entries =
            path.hasSuffix(".scp") ? try indexed() : try ArkFile(path: "\(base).ark").entries()
        if FileManager.default.fileExists(atPath: durations) {
            entries += try ArkFile(path: durations).entries().map {
                ($0.key + EncodedTokens.durationsEnding, $0.object)
            }
        }
        return entries.map { key, object in
            switch object {
            case .integers(let values): return (key, [values.count], values.map { Int($0) })
            case .matrix(let rows, let columns, let values):
                let ids = values.compactMap { Int(exactly: $0) }
                return (key, [rows, columns], ids.count == values.count ? ids : nil)
            }
        }
    }

    /// What an index names: lines `key archive:offset`.
    private func indexed() throws -> [(key: ByteString, object: ArkFile.Object)] {
        let file = try InputFile(path: path)
        var archives: [String: ArkFile] = [:]
        let lines = try file.bytes(0..<file.count).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var entries: [(key: ByteString, object: ArkFile.Object)] = []
        for (number, line) in lines.enumerated() where !line.isEmpty {
            guard let space = line.firstIndex(of: UInt8(ascii: " ")),
                let colon = line.lastIndex(of: UInt8(ascii: ":")), space < colon,
                let offset = Int(String(decoding: line[(colon + 1)...], as: UTF8.self))
            else {
                throw TokenInputError.malformed(path: path, at: .line(number + 1), .fields("\"key archive:offset\""))
            }
            let name = String(decoding: line[(space + 1)..<colon], as: UTF8.self)
            let archive = try archives[name] ?? ArkFile(path: name)
            archives[name] = archive
            entries.append((ByteString(line[..<space]), try archive.object(at: offset)))
        }
        return entries
    }
}
