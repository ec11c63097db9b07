import Checkpoints
import Foundation
import Layers
import Testing
import Training
import VQWav2Vec

@Suite struct ScheduleTests {
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
