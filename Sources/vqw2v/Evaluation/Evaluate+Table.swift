import Evaluation
import Files
import Foundation
import Speech
import SystemPackage
import Training

extension Evaluate {
    /// Begins the file for the figures of each utterance, before any work is done.
    /// - Throws: `OutputError` where it would replace what is judged, or what is needed for that; `FileError` where it
    ///   cannot be written.
    func beginTable(_ alignments: AlignmentSet?) throws -> AtomicFile? {
        guard let csv else { return nil }
        var files = OutputFiles()
        try files.add(csv)
        let models = checkpoint.map { [$0, RunFolder(path: $0).best] } ?? []
        try files.check(
            against: unitInput.files + labels.alignments + (alignments?.files ?? [])
                + featureInput.features.flatMap(FilePath.withDescription)
                + (models + [abx.items, abx.speakers].compactMap(\.self)).map { FilePath($0) }
                + FilePath.recordings(inputs + baseline.data, naming: names))
        return try AtomicFile(path: csv)
    }
}

extension UnitInputOptions {
    /// Everything that is read.
    var files: [FilePath] {
        units.flatMap(FilePath.withDescription) + FilePath.recordings(recordings, naming: .path)
    }
}

extension FilePath {
    /// A file of tokens or features, and what stands beside it.
    static func withDescription(_ path: String) -> [FilePath] {
        let base = FilePath(path).extension == "scp" ? String(path.dropLast(4)) : path
        return [path, "\(path).json", "\(base).ark", "\(base).ark.json", "\(base).scp"].map { FilePath($0) }
    }

    /// Lists, archives, and the recordings that are in them or in folders.
    static func recordings(_ inputs: [FilePath], naming: RecordingNaming) -> [FilePath] {
        inputs + RecordingSearch(inputs, naming: naming).recordings.map(\.source.path)
    }
}
