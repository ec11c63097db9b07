import TensorFiles

extension ArrayFormat {
    /// One file with a tensor under each recording's name: F32, or I16 where every id that there can be fits, else
    /// I32. The description is the file's metadata.
    public static let safetensors = ArrayFormat(
        rawValue: "safetensors", summary: "one file of tensors",
        needs: "cannot be written to standard output; name a file (--output)",
        check: { try SafetensorsStream.check($0, endings: $1) },
        location: { .file($0, holdsDescription: true) },
        files: { output, _ in [output] },
        open: { try SafetensorsArrays($0) })
}

private final class SafetensorsArrays: ArrayWriter {
    private let file: SafetensorsStream
    private let group: OutputGroup

    /// - Throws: `FileError` where the file cannot be written.
    init(_ request: ArrayFormat.Request) throws {
        group = request.group
        let path = request.output
        file = SafetensorsStream(try request.group.begin(path, .output, isNamed: true), path: path)
    }

    func add(_ arrays: [OutputArray]) throws { for array in arrays { try add(array) } }

    private func add(_ array: OutputArray) throws {
        let name = array.name.description + array.ending
        switch array.elements {
        case .floats(let values):
            try file.add(name, .float32, shape: array.shape, UnsafeRawBufferPointer(values))
        case .integers(let values, let largest) where largest <= Int(Int16.max):
            try values.map { Int16(truncatingIfNeeded: $0) }.withUnsafeBytes {
                try file.add(name, .int16, shape: array.shape, $0)
            }
        case .integers(let values, _):
            try values.withUnsafeBytes { try file.add(name, .int32, shape: array.shape, $0) }
        }
    }

    func finish() throws { try file.commit(metadata: group.description.metadata()) }
}
