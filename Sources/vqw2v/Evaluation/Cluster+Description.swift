import Checkpoints
import Evaluation
import Files
import Foundation
import Speech
import Tokenizers

/// What a file of clusters says of how it was made, and whether a fit can go on with it.
extension Cluster {
    /// The clusters of an earlier run; nil where there are none.
    func begunFit(_ description: [String: String]) throws -> ClusterFile? {
        guard FileManager.default.fileExists(atPath: output) else { return nil }
        let file = try ClusterFile(path: output)
        try requireSame(file, description)
        return file
    }

    private static let longest = "max_samples"
    static let frames = "frames"
    static let recordings = "recordings_digest"
    static let limits = (iterations: "most_iterations", tolerance: "tolerance")
    static let unused = "unused_inputs"

    /// Of what recordings are called, in order: folders may have moved.
    static func digest(of recordings: [Recording]) -> String {
        var digest = ListDigest()
        for recording in recordings {
            let file = recording.source.path.lastComponent.map { "\($0)" } ?? ""
            digest.add(recording.name.bytes + [UInt8(ascii: "\t")] + Array("\(file)\n".utf8))
        }
        return digest.text
    }

    /// What holds where a file, of an earlier version perhaps, says nothing.
    private static let defaults = FramePreparation().metadata.merging([longest: "none"]) { $1 }

    /// What a fit has to be of for another one to go on.
    func metadata(_ checkpoint: Checkpoint?, _ centres: FrameCentres) throws -> [String: String] {
        var metadata = [
            "program": Checkpoint.programVersion, ClusterFile.Key.layer: layer.rawValue, "units": "\(units)",
            "seed": "\(seed)", "mini_batch_passes": "\(miniBatchPasses)",
            "sample_rate": "\(centres.sampleRate)",
            "hop_samples": "\(centres.hop)", "window_samples": "\(centres.window)",
        ]
        metadata[Self.longest] = pieces.maxSamples.map(String.init) ?? Self.defaults[Self.longest]
        metadata.merge(preparation.metadata) { $1 }
        if let checkpoint { metadata["checkpoint_sha256"] = try checkpoint.provenance().checkpoint.value() }
        return metadata
    }

    /// - Throws: `OutputError` where a file was made otherwise.
    private func requireSame(_ file: ClusterFile, _ wanted: [String: String]) throws {
        // A fit that has not ended can end by other limits.
        let limits = [Self.limits.iterations: "\(iterations)", Self.limits.tolerance: "\(tolerance)"]
        for (key, value) in limits.sorted(by: { $0.key < $1.key }) where file.isFinished {
            guard let known = file.metadata[key], known != value else { continue }
            throw OutputError.madeOtherwise(output: output, difference: "\(key) \(known), not \(value)")
        }
        for key in wanted.keys.sorted() where key != "program" {
            let known = file.metadata[key] ?? Self.defaults[key]
            guard known != wanted[key] else { continue }
            throw OutputError.madeOtherwise(
                output: output, difference: "\(key) \(known ?? "unknown"), not \(wanted[key] ?? "")")
        }
    }
}
