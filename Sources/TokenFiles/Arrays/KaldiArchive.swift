import Files
import TensorFiles

extension ArrayFormat {
    /// An archive with its index, `X.ark` and `X.scp`: matrices of floats, and vectors of integers where an array
    /// of integers has one dimension. Arrays with an ending are in archives of their own, `X.durations.ark`.
    public static let kaldi = ArrayFormat(
        rawValue: "kaldi", summary: "archive and index, X.ark and X.scp",
        needs: "writes X.ark and X.scp; name X (--output)",
        // Every integer up to here is a float.
        largestInMatrix: 1 << 24,
        check: { recordings, _ in try NameRule(format: "kaldi", problem: ArkWriter.problem).check(recordings)
        },
        location: { .archive($0, ArkPaths(output: $0)) },
        files: { output, endings in
            endings.map { ArkPaths(output: output, part: $0) }.flatMap { [$0.archive, $0.index] }
        },
        open: { try KaldiArchive($0) })
}

private final class KaldiArchive: ArrayWriter {
    private let archives: [String: ArkWriter]

    /// - Throws: `FileError` where the files cannot be written.
    init(_ request: ArrayFormat.Request) throws {
        var archives: [String: ArkWriter] = [:]
        // The index of the arrays without an ending is to appear last.
        for ending in request.endings.sorted(by: >) {
            let paths = ArkPaths(output: request.output, part: ending)
            archives[ending] = try ArkWriter(archive: paths.archive, index: paths.index) {
                try request.group.begin($0, .output, isNamed: $0 == request.output)
            }
        }
        self.archives = archives
    }

    func add(_ arrays: [OutputArray]) throws { for array in arrays { try add(array) } }

    private func add(_ array: OutputArray) throws {
        guard let archive = archives[array.ending] else { return }
        switch array.elements {
        case .floats(let values): try addMatrix(array, values, to: archive)
        case .integers(let values, _) where array.shape.count == 1: try archive.add(array.name, values)
        case .integers(let values, _):
            try values.map { Float($0) }.withUnsafeBufferPointer { try addMatrix(array, $0, to: archive) }
        }
    }

    func finish() throws { for archive in archives.values { try archive.commit() } }

    private func addMatrix(
        _ array: OutputArray, _ values: UnsafeBufferPointer<Float>, to archive: ArkWriter
    ) throws {
        try archive.add(
            array.name, rows: array.shape.first ?? 0, columns: array.shape.last ?? 0, values)
    }
}
