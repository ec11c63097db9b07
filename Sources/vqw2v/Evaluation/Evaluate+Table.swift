import Checkpoints
import Evaluation
import Files
import Foundation
import Speech
import SystemPackage
import TokenFiles

extension Evaluate {
    /// Begins the file for the figures of each utterance, before any work is done.
    /// - Throws: `OutputError` where it would replace what is judged, or what is needed for that; `FileError` where it
    ///   cannot be written.
    func beginTable(_ alignments: AlignmentSet?) throws -> AtomicFile? {
        guard let csv else { return nil }
        var files = OutputFiles()
        try files.add(csv)
        let models = checkpoint.map { Checkpoint.files(of: $0) } ?? []
        try files.check(
            against: unitInput.files + labels.alignments + (alignments?.files ?? [])
                + featureInput.features.flatMap(TokenInput.files)
                + (models + [abx.items, abx.speakers].compactMap(\.self)).map { FilePath($0) }
                + FilePath.recordings(inputs + baseline.data, naming: names))
        return try AtomicFile(path: csv)
    }
}

extension UnitInputOptions {
    /// Everything that is read.
    var files: [FilePath] {
        units.flatMap(TokenInput.files) + FilePath.recordings(recordings, naming: .path)
    }
}

extension FilePath {
    /// Lists, archives, and the recordings that are in them or in folders.
    static func recordings(_ inputs: [FilePath], naming: RecordingNaming) -> [FilePath] {
        inputs.flatMap(KaldiTables.files)
            + RecordingSearch(inputs, naming: naming).recordings.map(\.source.path)
    }
}
