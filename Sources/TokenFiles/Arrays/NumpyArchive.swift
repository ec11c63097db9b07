import Files
import TensorFiles

extension ArrayFormat {
    /// One archive that `numpy.load` reads: an array under each recording's name, int32 or float32.
    public static let npz = ArrayFormat(
        rawValue: "npz", summary: "one archive of arrays",
        needs: "cannot be written to standard output; name a file (--output)",
        check: { try NumpyArchive.names(endings: $1).check($0) },
        location: { .file($0) },
        files: { output, _ in [output] },
        open: { try NumpyArchive($0) })
}

private final class NumpyArchive: ArrayWriter {
    private let path: String
    private let archive: ZipWriter

    /// - Throws: `FileError` where the archive cannot be written.
    init(_ request: ArrayFormat.Request) throws {
        path = request.output
        archive = ZipWriter(try request.group.begin(path, .output, isNamed: true), path: path)
    }

    func add(_ arrays: [OutputArray]) throws { for array in arrays { try add(array) } }

    private func add(_ array: OutputArray) throws {
        let name = array.name.description + array.ending
        let title = "\(path), array \(quoted(name))"
        let bytes =
            switch array.elements {
            case .floats(let values): try NumpyFile.bytes(title, shape: array.shape, elements: values)
            case .integers(let values, _):
                try values.withUnsafeBufferPointer {
                    try NumpyFile.bytes(title, shape: array.shape, elements: $0)
                }
            }
        try archive.add(name + ".npy", bytes)
    }

    func finish() throws { try archive.commit() }

    /// Names of entries; `longest` is the zip writer's limit, less `.durations.npy`.
    static func names(endings: [String]) -> NameRule {
        let longest = 1000
        return NameRule(format: "npz", endings: endings, needsText: true) { name in
            if name.isEmpty { return "is empty" }
            if name.bytes.contains(0) { return "contains a zero byte" }
            if !NameRule.staysBelow(name) { return "may lead out of a folder" }
            return name.bytes.count > longest ? "is longer than \(longest) bytes" : nil
        }
    }
}
