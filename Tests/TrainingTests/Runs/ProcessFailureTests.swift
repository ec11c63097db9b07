import Checkpoints
import Communication
import Foundation
import Testing
import Training

/// What goes wrong in one of several processes ends all, and the last checkpoint is whole.
@Suite(.serialized) struct ProcessFailureTests {
    private var configuration: RunConfiguration {
        var run = tiny(updates: 6)
        run.data.maxUtterances = 1
        run.data.validationFraction = 0
        run.training.accumulateBatches = 4
        return run
    }

    private func errors(_ results: [Result<Trainer.Outcome, any Error>]) -> Set<String> {
        Set(
            results.map { result in
                if case .failure(let error) = result { "\(error)" } else { "no error" }
            })
    }

    @Test func moreProcessesThanBatchesAreRefused() throws {
        let runs = try TinyRuns(recordings: 8)
        let told = errors(runs.train("run", configuration, processes: 5))
        #expect(told.count == 1 && told.first?.hasPrefix("5 processes cannot share the 4 batches") == true)
        #expect(!FileManager.default.fileExists(atPath: runs.folder("run").path))
    }

    @Test func whatDiffersIsRefused() throws {
        let runs = try TinyRuns(recordings: 8)
        var other = configuration
        other.schedule.learningRate *= 2
        #expect(
            errors(runs.train("run", configuration, processes: 3, configurations: [2: other])) == [
                "process 2 of 3 has a configuration other than process 0: start all with the same program, "
                    + "arguments and data, on processors of one kind"
            ])
        for index in 0..<8 { try runs.write(tones(1700 + 100 * index, seed: 3), to: "other/\(index).wav") }
        let told = errors(runs.train("run", configuration, processes: 2, data: [1: runs.path + "/other"]))
        #expect(told.count == 1 && told.first?.hasPrefix("process 1 of 2 has data other than") == true)
        #expect(!FileManager.default.fileExists(atPath: runs.folder("run").path))
    }

    @Test func aBadFileOfOneEndsAll() throws {
        let runs = try TinyRuns(recordings: 8)
        // Names and lengths are those of the others.
        for index in 0..<8 { try runs.writeDamaged(samples: 1600 + 100 * index, to: "damaged/\(index).wav") }
        for result in runs.train("run", configuration, processes: 2, upTo: 1) { _ = try result.get() }
        let folder = runs.folder("run")
        let before = try folder.bytes(folder.last)
        let told = errors(
            runs.train(
                "run", configuration, processes: 2, resume: true, data: [1: runs.path + "/damaged"]))
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("process 1 of 2: \(runs.path)/damaged/") == true, "\(told)")
        #expect(try folder.bytes(folder.last) == before)
    }

    @Test func aStopOfOneStopsAll() throws {
        let runs = try TinyRuns(recordings: 8)
        let stop = StopSignal()
        stop.request()
        for result in runs.train("run", configuration, processes: 2, stops: [1: stop]) {
            #expect(try result.get() == .stopped)
        }
        #expect(try Checkpoint(path: runs.folder("run").last).state.update == 0)
    }

    /// The first alone takes the folder, and writes checkpoints.
    @Test func whatTheFirstCannotTakeOrWriteEndsAll() throws {
        let runs = try TinyRuns(recordings: 8)
        try runs.write([], to: "taken/config.yaml")
        let taken = errors(runs.train("taken", configuration, processes: 2))
        #expect(taken.count == 1 && taken.first?.hasPrefix("process 0 of 2: ") == true, "\(taken)")

        var run = configuration
        (run.data.validationFraction, run.training.validateEvery) = (0.3, 1)
        for result in runs.train("run", run, processes: 2, upTo: 0) { _ = try result.get() }
        // In the place of a file.
        try runs.write([], to: "run/best.safetensors/folder.wav")
        let unwritten = errors(runs.train("run", run, processes: 2, resume: true))
        #expect(
            unwritten.count == 1 && unwritten.first?.hasPrefix("process 0 of 2: ") == true, "\(unwritten)")
    }

    @Test func aFullDiskOfTheFirstEndsAll() throws {
        let runs = try TinyRuns(recordings: 8)
        try FileManager.default.createDirectory(
            atPath: runs.folder("run").path, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: runs.folder("run").log, withDestinationPath: "/dev/full")
        let told = errors(runs.train("run", configuration, processes: 2))
        #expect(told.count == 1 && told.first?.hasPrefix("process 0 of 2: ") == true, "\(told)")
    }
}
