import Files
import Foundation
import SystemPackage
import TensorFiles

/// Arrays under the names of recordings, read from any of our formats of arrays.
public struct ArrayInput: Sendable {
    public struct Array: Sendable {
        public enum Elements: Sendable {
            case integers([Int])
            case floats([Float])
        }

        public let name: ByteString
        public let shape: [Int]
        /// Row-major.
        public let elements: Elements

        /// Nil where an element is no whole number.
        public var integers: [Int]? {
            switch elements {
            case .integers(let values): return values
            case .floats(let values):
                let integers = values.compactMap { Int(exactly: $0) }
                return integers.count == values.count ? integers : nil
            }
        }

        public var floats: [Float] {
            switch elements {
            case .integers(let values): values.map(Float.init)
            case .floats(let values): values
            }
        }
    }

    private let path: String
    private let format: ArrayFormat

    /// - Parameter format: nil for what the path tells.
    /// - Throws: `TokenInputError` where it tells none.
    public init(path: String, format: ArrayFormat? = nil) throws {
        self.path = path
        if let format {
            self.format = format
        } else if FilePath(path).isFolder {
            self.format = .npy
        } else {
            switch FilePath(path).extension?.lowercased() {
            case "npz": self.format = .npz
            case "safetensors": self.format = .safetensors
            case "ark", "scp": self.format = .kaldi
            default: throw TokenInputError.unknownFormat(path: path)
            }
        }
    }

    /// The archives that an index of Kaldi's names; none where it is something else.
    static func archives(_ index: String) -> Set<String> {
        guard index.hasSuffix(".scp"), let file = try? InputFile(path: index),
            let bytes = try? file.bytes(0..<file.count)
        else { return [] }
        return Set(bytes.split(separator: UInt8(ascii: "\n")).compactMap { place($0)?.archive })
    }

    /// What a line `key archive:offset` of an index says; nil for any other.
    private static func place(_ line: ArraySlice<UInt8>) -> (key: ByteString, archive: String, offset: Int)? {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")),
            let colon = line.lastIndex(of: UInt8(ascii: ":")), space < colon,
            let offset = Int(String(decoding: line[(colon + 1)...], as: UTF8.self))
        else { return nil }
        return (
            ByteString(line[..<space]), String(decoding: line[(space + 1)..<colon], as: UTF8.self), offset
        )
    }

    /// Hands over one array after the other.
    /// - Throws: `FileError`, `SafetensorsError` or `TokenInputError` that names the array, and what `body` throws.
    public func read(_ body: (Array) throws -> Void) throws {
        switch format {
        case .npy:
            let names = try FileManager.default.subpathsOfDirectory(atPath: path).filter {
                $0.hasSuffix(".npy")
            }
            for name in names.sorted() {
                let file = "\(FilePath(path).appending(ByteString(name)))"
                try body(Array(name, try NumpyArray(path: file)))
            }
        case .npz: try forEachOfArchive(body)
        case .safetensors:
            let file = try SafetensorsFile(path: path)
            for name in file.names {
                let entry = try file.entry(name)
                let isFloating = [.float16, .bfloat16, .float32, .float64].contains(entry.dtype)
                let elements: Array.Elements =
                    isFloating
                    ? .floats(try file.floats(name)) : .integers(try file.integers(name).map { Int($0) })
                try body(Array(name: ByteString(name), shape: entry.shape, elements: elements))
            }
        default: try forEachOfKaldi(body)
        }
    }

    private func forEachOfArchive(_ body: (Array) throws -> Void) throws {
        let file = try InputFile(path: path)
        do {
            let zip = try ZipReader(file)
            for name in zip.names where name.hasSuffix(".npy") {
                let title = "\(path), array \(quoted(name))"
                try body(Array(name, try NumpyArray(title, try file.bytes(zip.stored(name)))))
            }
        } catch let error as ZipReaderError {
            throw FileError.unusable(path: path, problem: "cannot be read: \(error)")
        } catch let error as ByteCursorError {
            throw FileError.unusable(path: path, problem: "is \(error); write it with numpy.savez")
        }
    }

    private func forEachOfKaldi(_ body: (Array) throws -> Void) throws {
        let durations = ArkPaths(of: path, part: EncodedTokens.durationsEnding).archive
        if path.hasSuffix(".scp") {
            try forEachIndexed(body)
        } else {
            for (key, object) in try ArkFile(path: ArkPaths(of: path).archive).entries() {
                try body(Array(key, object))
            }
        }
        guard FileManager.default.fileExists(atPath: durations) else { return }
        for (key, object) in try ArkFile(path: durations).entries() {
            try body(Array(key + EncodedTokens.durationsEnding, object))
        }
    }

    /// What an index names: lines `key archive:offset`. Together they name no more than there is, so that what is read is not
    /// larger than the files.
    private func forEachIndexed(_ body: (Array) throws -> Void) throws {
        let file = try InputFile(path: path)
        var archives: [FileID: (file: ArkFile, left: Int)] = [:]
        var identities: [String: FileID] = [:]
        let lines = try file.bytes(0..<file.count).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where !line.isEmpty {
            guard let (key, path, offset) = Self.place(line) else {
                throw TokenInputError.malformed(
                    path: self.path, at: .line(number + 1), .fields("\"key archive:offset\""))
            }
            if identities[path] == nil {
                let file = try InputFile(path: path)
                identities[path] = file.identity
                if archives[file.identity] == nil {
                    archives[file.identity] = (try ArkFile(file), file.count)
                }
            }
            guard let identity = identities[path], let archive = archives[identity] else { continue }
            let array = Array(key, try archive.file.object(at: offset))
            let left = archive.left - MemoryLayout<Float>.size * array.shape.reduce(1, *)
            guard left >= 0 else {
                throw TokenInputError.malformed(
                    path: self.path, at: .line(number + 1), .repeated(archive: path))
            }
            archives[identity]?.left = left
            try body(array)
        }
    }
}

extension ArrayInput.Array {
    fileprivate init(_ file: String, _ array: NumpyArray) {
        (name, shape) = (ByteString(String(file.dropLast(4))), array.shape)
        elements = array.isFloating ? .floats(array.floats) : .integers(array.integers ?? [])
    }

    fileprivate init(_ key: ByteString, _ object: ArkFile.Object) {
        name = key
        switch object {
        case .integers(let values): (shape, elements) = ([values.count], .integers(values.map { Int($0) }))
        case .matrix(let rows, let columns, let values):
            (shape, elements) = ([rows, columns], .floats(values))
        }
    }
}
