import Checkpoints
import Communication
import Files
import Foundation
import Speech
import SystemPackage

/// How the processes of a job divide recordings: each has consecutive ones, of equal durations together.
struct Division {
    /// By rank.
    let ranges: [Range<Int>]
    let communicator: any Communicator

    /// This process's part.
    var own: Range<Int> { ranges[communicator.rank] }

    /// Divides recordings, having made sure that all processes were given the same.
    /// - Parameters:
    ///   - sampleRate: in Hz, for the durations.
    ///   - models: what else has to be the same, such as the hash of a checkpoint, by a name as in "a checkpoint".
    /// - Throws: `CommunicationError.differs`; `ProcessFailure`.
    init(
        _ recordings: [Recording], sampleRate: Int, models: () throws -> [(name: String, value: String)],
        among communicator: any Communicator
    ) throws {
        self.communicator = communicator
        guard communicator.size > 1 else {
            ranges = [recordings.indices]
            return
        }
        let things = try communicator.together {
            try [("a program", Checkpoint.program()), ("arguments", "\(RawArguments.encoded)")] + models()
                + [("recordings", Self.list(recordings))]
        }
        try communicator.requireAlike(things)
        let parts = try communicator.tellAll {
            let progress = LengthProgress(files: recordings.count)
            defer { progress.finish() }
            let shards = Shard.ranges(
                of: recordings, count: communicator.size, sampleRate: sampleRate, progress: progress.show)
            return Parts(ranges: shards.ranges, longest: shards.longest)
        }
        ranges = parts.ranges
        // Who has less waits for those who have more: as long as these would take to be played, at least.
        communicator.deadline = max(communicator.deadline, .seconds(parts.longest))
    }

    private struct Parts: Codable {
        var ranges: [Range<Int>]
        /// Seconds of the part that has most.
        var longest: Double
    }

    /// Names and sizes of recordings.
    private static func list(_ recordings: [Recording]) -> String {
        recordings.map { recording in
            let size = (try? recording.source.path.stat())?.size ?? 0
            return "\(recording.path) \(recording.name) \(recording.listedSamples ?? -1) \(size)"
        }.joined(separator: "\n")
    }
}
