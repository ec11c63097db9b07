import Foundation
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

    static func all() throws -> [GoldenSchedule] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../GoldenTests/Cases/schedules.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([GoldenSchedule].self, from: Data(contentsOf: file))
    }
}

@Suite struct ScheduleTests {
    @Test func schedulesAreTheReferenceImplementations() throws {
        let blocks = try GoldenSchedule.all()
        #expect(blocks.count == 2 && blocks.allSatisfy { $0.rows.count == 15 })
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

    @Test func periodsGrowAndShrink() {
        var settings = ScheduleConfiguration()
        (settings.learningRate, settings.minimumLearningRate) = (8, 2)
        (settings.warmupUpdates, settings.periodUpdates) = (10, 100)
        (settings.periodMultiplier, settings.shrink) = (2, 0.5)
        let schedule = LearningRateSchedule(settings, maxUpdates: 1_000_000)
        // Periods of 100, 200 and 400 updates after the warm-up of 10, each half as high.
        for (update, rate) in [(10, 8.0), (60, 5), (110, 4), (210, 2.5), (310, 2), (510, 1.25), (710, 1)] {
            #expect(abs(schedule.rate(at: update) - rate) < 1e-9, "update \(update)")
        }
        settings.periodMultiplier = 1
        let steady = LearningRateSchedule(settings, maxUpdates: 1_000_000)
        for (update, rate) in [(10, 8.0), (60, 5), (110, 4), (160, 2.5), (210, 2), (260, 1.25)] {
            #expect(abs(steady.rate(at: update) - rate) < 1e-9, "update \(update)")
        }
    }

    @Test func warmupMayBeAbsentOrOutlastTheRun() {
        var settings = ScheduleConfiguration()
        settings.warmupUpdates = 0
        #expect(LearningRateSchedule(settings, maxUpdates: 10).rate(at: 0) == settings.learningRate)
        settings.warmupUpdates = 100
        let schedule = LearningRateSchedule(settings, maxUpdates: 10)
        for update in [0, 9, 99, 100, 1000] {
            #expect(schedule.rate(at: update).isFinite, "update \(update)")
        }
        #expect(schedule.rate(at: 0) == settings.warmupInitialLearningRate)
    }

    @Test func linearTemperature() {
        var settings = TemperatureConfiguration()
        settings.schedule = .linear
        let schedule = TemperatureSchedule(settings, maxUpdates: 1000)
        #expect(schedule.temperature(at: 0) == 2)
        #expect(abs(schedule.temperature(at: 350) - 1.25) < 1e-12)
        #expect(schedule.temperature(at: 699) > 0.5)
        #expect(schedule.temperature(at: 700) == 0.5 && schedule.temperature(at: 5000) == 0.5)
        #expect(TemperatureSchedule(settings, maxUpdates: 1).temperature(at: 0) == 2)
    }
}
