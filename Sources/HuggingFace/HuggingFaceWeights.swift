import Files
import TensorFiles

/// The tensors of a folder, by Hugging Face's names: in one file, or in several beside an index of them.
struct HuggingFaceWeights: Sendable {
    private enum File: Sendable {
        case safetensors(SafetensorsFile)
        case torch(TorchFile, [String: PickleValue])
    }

    /// In the order of the files.
    let names: [String]
    /// The kind of file, in words.
    let format: String
    private let files: [File]
    /// The same, for their hash.
    private let inputs: [InputFile]
    /// Which file a tensor is in.
    private let places: [String: Int]

    /// - Parameter exists: whether there is a file of a name in the folder.
    /// - Throws: `HuggingFaceError`, `FileError`, `SafetensorsError`, `TorchError`.
    init(folder: String, exists: (String) -> Bool) throws {
        let kinds = [
            (HuggingFaceFile.weights, "safetensors"),
            (HuggingFaceFile.torchWeights, HuggingFaceFile.torchWeights),
        ]
        let whole = kinds.first { exists($0.0) }
        let divided = whole == nil ? kinds.first { exists(HuggingFaceFile.index(of: $0.0)) } : nil
        guard let (name, kind) = whole ?? divided else { throw HuggingFaceError.noWeights(folder: folder) }
        let parts =
            divided == nil ? [name] : try Self.parts(of: folder + "/" + HuggingFaceFile.index(of: name))
        format = divided == nil ? kind : "\(kind) in \(parts.count) parts"
        inputs = try parts.map { try InputFile(path: folder + "/" + $0) }
        files = try inputs.map(Self.open)
        var (names, places) = ([String](), [String: Int]())
        for (index, file) in files.enumerated() {
            for name in Self.names(file) where places.updateValue(index, forKey: name) == nil {
                names.append(name)
            }
        }
        (self.names, self.places) = (names, places)
    }

    /// The files that an index names, each once.
    static func parts(of index: String) throws -> [String] {
        guard case .object(let map)? = try HuggingFaceFields(path: index).value("weight_map"), !map.isEmpty
        else {
            throw HuggingFaceError.unreadable(path: index, problem: "has no weight_map")
        }
        var parts: Set<String> = []
        for (_, value) in map {
            guard case .string(let name) = value, !name.isEmpty else {
                throw HuggingFaceError.unreadable(path: index, problem: "names something else than files")
            }
            guard !name.contains("/"), name != "..", name != "." else {
                throw HuggingFaceError.partOutside(path: index, name: name)
            }
            parts.insert(name)
        }
        return parts.sorted()
    }

    private static func open(_ input: InputFile) throws -> File {
        let path = input.path
        guard try !input.isGitLFSPointer else { throw HuggingFaceError.gitLFSPointer(path: path) }
        guard TorchFile.isTorchFile(path) else { return .safetensors(try SafetensorsFile(path: path)) }
        let file = try TorchFile(path: path)
        guard let entries = file.document.entries(file.document.root) else {
            throw HuggingFaceError.unreadable(path: path, problem: "holds no dictionary of tensors")
        }
        var values: [String: PickleValue] = [:]
        for case (.text(let name), let value) in entries { values[name] = value }
        return .torch(file, values)
    }

    private static func names(_ file: File) -> [String] {
        switch file {
        case .safetensors(let file): file.names
        case .torch(_, let values): values.keys.sorted()
        }
    }

    /// Begins to compute the SHA-256 of all files, one after the other.
    func hash() -> FileHash { FileHash(of: inputs) }

    func shape(of name: String) throws -> [Int] {
        switch try file(of: name) {
        case .safetensors(let file): try file.entry(name).shape
        case .torch(let file, let values): try Self.tensor(name, file, values).shape
        }
    }

    /// Writes all elements as 32-bit floats, row-major.
    func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
        switch try file(of: name) {
        case .safetensors(let file): try file.read(name, into: target)
        case .torch(let file, let values): try file.read(Self.tensor(name, file, values), into: target)
        }
    }

    private func file(of name: String) throws -> File {
        guard let place = places[name] else {
            throw HuggingFaceError.missing(path: inputs[0].path, tensor: name)
        }
        return files[place]
    }

    private static func tensor(
        _ name: String, _ file: TorchFile, _ values: [String: PickleValue]
    ) throws -> TorchTensor {
        guard let value = values[name], let tensor = try file.tensor(value) else {
            throw HuggingFaceError.missing(path: file.path, tensor: name)
        }
        return tensor
    }
}
