import Checkpoints
import Communication
import Foundation
import TestSupport
import Testing
import Training

extension TinyRuns {
    /// Trains in the folder `name` with processes that are threads here.
    /// - Returns: how each ended, in the order of ranks.
    func train(
        _ name: String, _ configuration: RunConfiguration, processes: Int, upTo limit: Int? = nil,
        resume: Bool = false, skippingUnusable: Bool = false, data: [Int: String] = [:],
        configurations: [Int: RunConfiguration] = [:], stops: [Int: StopSignal] = [:]
    ) -> [Result<Trainer.Outcome, any Error>] {
        let (folder, everybody) = (folder(name), self.data)
        return ThreadCommunicator.run(processes) { communicator in
            let configuration = configurations[communicator.rank] ?? configuration
            let trainer = try communicator.together {
                let data = try TrainingData(
                    [data[communicator.rank] ?? everybody], configuration: configuration,
                    skippingUnusable: skippingUnusable)
                return resume
                    ? try Trainer(
                        resuming: Checkpoint(path: folder.last), configuration: configuration, data: data,
                        folder: folder, output: .silent, communicator: communicator)
                    : try Trainer(
                        configuration, data: data, folder: folder, output: .silent, communicator: communicator
                    )
            }
            return try trainer.run(stop: stops[communicator.rank] ?? StopSignal(), limit: limit)
        }
    }

    /// A recording whose header is in order and whose samples are not numbers: only reading it tells.
    func writeDamaged(samples: Int, to name: String) throws {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var bytes = Array("RIFF".utf8) + little(36 + 4 * samples, 4) + Array("WAVEfmt ".utf8)
        bytes += little(16, 4) + little(3, 2) + little(1, 2) + little(16000, 4) + little(64000, 4)
        bytes += little(4, 2) + little(32, 2) + Array("data".utf8) + little(4 * samples, 4)
        bytes += [UInt8](repeating: 0xFF, count: 4 * samples)
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}
