import Checkpoints
import Foundation
import GoldenSupport
import Layers
import Testing
import Training
import VQWav2Vec

/// One block of `schedules.json`: settings of the reference implementation and what it computes with them.
private struct GoldenSchedule: Decodable {
    struct Scheduler: Decodable {
        let lr, minLr: Double
        let warmupUpdates: Int
        let warmupInitLr: Double
        let maxUpdate: Int
    }
    struct Row: Decodable {
        let numUpdates: Int
        let lr, temp: Double
    }
    let lrScheduler: Scheduler
    let vqTemp: [Double]
    let rows: [Row]

    /// Of all folders with cases that have such a file.
    static func all() throws -> [GoldenSchedule] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let files = GoldenFolder.all.map { $0.appendingPathComponent("schedules.json") }
        return try files.filter { FileManager.default.fileExists(atPath: $0.path) }.flatMap {
            try decoder.decode([GoldenSchedule].self, from: Data(contentsOf: $0))
        }
    }
}

/// Learning rates and temperatures against fairseq's.
@Suite struct ScheduleParityTests {
    @Test func schedulesAreTheReferenceImplementations() throws {
        let blocks = try GoldenSchedule.all()
        #expect(blocks.count >= 2 && blocks.allSatisfy { !$0.rows.isEmpty })
        for block in blocks {
            var settings = ScheduleConfiguration()
            settings.learningRate = block.lrScheduler.lr
            settings.minimumLearningRate = block.lrScheduler.minLr
            settings.warmupInitialLearningRate = block.lrScheduler.warmupInitLr
            settings.warmupUpdates = block.lrScheduler.warmupUpdates
            var temperature = TemperatureConfiguration()
            (temperature.start, temperature.end) = (block.vqTemp[0], block.vqTemp[1])
            temperature.decay = block.vqTemp[2]
            let rates = LearningRateSchedule(settings, maxUpdates: block.lrScheduler.maxUpdate)
            let temperatures = TemperatureSchedule(temperature, maxUpdates: block.lrScheduler.maxUpdate)
            for row in block.rows {
                let rate = rates.rate(at: row.numUpdates)
                #expect(
                    abs(rate - row.lr) <= 1e-12 * row.lr, "rate at \(row.numUpdates): \(rate), not \(row.lr)"
                )
                let tau = temperatures.temperature(at: row.numUpdates)
                #expect(
                    abs(tau - row.temp) <= 1e-12 * row.temp,
                    "τ at \(row.numUpdates): \(tau), not \(row.temp)")
            }
        }
    }
}
