import Checkpoints
import Foundation
import TestSupport
import Testing
import Training

/// A run's folder has one run at a time and never loses what is not a run's.
@Suite struct RunFolderTests {
    private func write(_ text: String, to path: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private func names(_ folder: RunFolder) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }

    @Test func aTrainerThatDoesNotRunLeavesNothing() throws {
        let runs = try TinyRuns()
        let data = try TrainingData([runs.data], configuration: tiny())
        _ = try Trainer(tiny(), data: data, folder: runs.folder("run"), output: RunScreen().output())
        #expect(!FileManager.default.fileExists(atPath: runs.folder("run").path))

        let folder = try runs.train("other", tiny(), upTo: 1)
        let before = try names(folder).sorted().map { try folder.bytes("\(folder.path)/\($0)") }
        let resumed = try Trainer(
            resuming: Checkpoint(path: folder.last), configuration: tiny(updates: 9), data: data,
            folder: folder,
            output: RunScreen().output())
        #expect(try names(folder).sorted().map { try folder.bytes("\(folder.path)/\($0)") } == before)
        try resumed.run()
        #expect(try Checkpoint(path: folder.last).state.update == 9)
    }

    @Test func filesOfOthersStay() throws {
        let runs = try TinyRuns()
        for (file, text) in [
            (runs.folder("a").configuration, "# mine\nquantizer: {kind: kmeans}\n"),
            (runs.folder("b").log, "mine\n"),
            (runs.folder("d").recordings, "mine\n"),
        ] {
            try write(text, to: file)
            let name = (file as NSString).deletingLastPathComponent.suffix(1)
            let problem = message { try runs.train(String(name), tiny()) }
            #expect(problem.hasPrefix("\(file) is there already"), "\(problem)")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == text)
            #expect(try names(runs.folder(String(name))).count == 1)
        }
        // What the run would write anyway is no loss.
        try write(tiny().yaml(), to: runs.folder("c").configuration)
        #expect(try runs.train("c", tiny()).hasRun)
    }

    @Test func twoRunsAtATime() throws {
        let runs = try TinyRuns()
        let screen = RunScreen()
        var problems: [String] = []
        screen.seen = { line in
            guard line.hasPrefix("update 2/") || line.hasPrefix("update 5/") else { return }
            for resume in [false, true] {
                problems.append(message { try runs.train("run", tiny(updates: 9), resume: resume) })
            }
        }
        var run = tiny()
        run.training.saveEvery = 3
        let folder = try runs.train("run", run, screen: screen)
        #expect(problems.count == 4)
        let name = "process \(getpid()) on \(ProcessInfo.processInfo.hostName)"
        let text =
            "\(folder.path): \(name) trains in this folder: wait until it has ended, or choose another --output"
        // Before the first save there is nothing to resume, which is told first.
        #expect(problems[0] == text && problems[2] == text && problems[3] == text, "\(problems)")
        #expect(try Checkpoint(path: folder.last).state.update == 6)
        let events = try names(folder).filter { $0.hasPrefix("events.out.tfevents.") }
        #expect(events.count == 1)
        #expect(
            try names(folder).subtracting(events)
                == ["config.yaml", "log.jsonl", "recordings.tsv", "last.safetensors", "best.safetensors"])
    }

    /// Each start of a run says what it runs on, in the log alone.
    @Test func theEnvironmentIsLogged() throws {
        let runs = try TinyRuns()
        let whole = try runs.train("whole", tiny())
        let folder = try runs.train("run", tiny(), upTo: 4)
        try runs.train("run", tiny(), resume: true)
        let lines = try folder.logLines("environment")
        #expect(lines.map { $0["update"] as? Int } == [0, 4])
        #expect(try folder.logLines().first?["type"] as? String == "environment")
        let keys = [
            "instructions", "operating_system", "processes", "processor", "program", "threads", "type",
            "update",
        ]
        for line in lines {
            #expect(line.keys.sorted() == keys)
            #expect((line["threads"] as? Int ?? 0) > 0 && line["processes"] as? Int == 1)
            #expect(line["processor"] as? String != "" && line["operating_system"] as? String != "")
        }
        #expect(try folder.bytes(folder.last) == whole.bytes(whole.last))
    }

    /// As SIGKILL leaves it.
    @Test func aRunThatWasKilledBeforeItsFirstSave() throws {
        let runs = try TinyRuns()
        let folder = runs.folder("run")
        try write("process 4194303 on elsewhere\n", to: folder.path + "/run.lock")
        try write("an: older configuration\n", to: folder.configuration)
        try write("{\"type\": \"train\", \"update\": 1}\n{\"ty", to: folder.log)
        try runs.train("run", tiny(), upTo: 2)
        #expect(try folder.updates("train") == [1, 2])
        #expect(try String(contentsOfFile: folder.configuration, encoding: .utf8) == tiny().yaml())
        #expect(!(try names(folder).contains("run.lock")))
    }

    @Test func aRunThatEndedBeforeItsFirstSave() throws {
        let runs = try TinyRuns()
        let data = try TrainingData([runs.data], configuration: tiny())
        let trainer = try Trainer(
            tiny(), data: data, folder: runs.folder("run"), output: RunScreen().output())
        for index in 0..<6 { try FileManager.default.removeItem(atPath: "\(runs.data)/\(index).wav") }
        #expect(message { try trainer.run() }.contains("no such file"))
        for index in 0..<6 { try runs.write(tones(1600, seed: UInt64(index)), to: "data/\(index).wav") }
        #expect(try runs.train("run", tiny(updates: 3)).updates("train") == [1, 2, 3])
    }

    /// As a kill between the first best and the first last checkpoint left it, or who copied only that.
    @Test func aFolderWithTheBestCheckpointAlone() throws {
        let runs = try TinyRuns()
        var run = tiny(updates: 8)
        run.training.validateEvery = 3
        let whole = try runs.train("whole", run)
        let parts = try runs.train("parts", run, upTo: 3)
        try FileManager.default.removeItem(atPath: parts.last)
        #expect(message { try runs.train("parts", run) }.contains("holds a run already: add --resume"))
        try runs.train("parts", run, resume: true)
        #expect(try parts.bytes(parts.last) == whole.bytes(whole.last))
        #expect(try parts.bytes(parts.best) == whole.bytes(whole.best))
        #expect(try parts.updates("validation") == whole.updates("validation"))
    }

    @Test func keepsTheNewestCheckpoints() throws {
        let runs = try TinyRuns()
        var run = tiny(updates: 7)
        (run.training.saveEvery, run.training.keepCheckpoints) = (2, 2)
        let folder = try runs.train("run", run, upTo: 5)
        #expect(try [2, 4].map { try Checkpoint(path: folder.kept($0)).updates } == [2, 4])
        try runs.train("run", run, resume: true)
        #expect(!FileManager.default.fileExists(atPath: folder.kept(2)))
        #expect(try [4, 6].map { try Checkpoint(path: folder.kept($0)).updates } == [4, 6])
        // A run can go on from one that was kept.
        let (again, last) = (runs.folder("again"), try folder.bytes(folder.last))
        try FileManager.default.createDirectory(atPath: again.path, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: folder.kept(4), toPath: again.last)
        try runs.train("again", run, resume: true)
        #expect(try again.bytes(again.last) == last)
    }

    /// What is kept is of the course that the run is on.
    @Test func goingBackDropsLaterCheckpoints() throws {
        let runs = try TinyRuns()
        var run = tiny(updates: 8)
        (run.training.saveEvery, run.training.keepCheckpoints) = (2, 2)
        let folder = try runs.train("run", run)
        #expect(FileManager.default.fileExists(atPath: folder.kept(6)))
        try FileManager.default.removeItem(atPath: folder.last)
        try FileManager.default.removeItem(atPath: folder.best)
        try FileManager.default.copyItem(atPath: runs.train("early", run, upTo: 1).last, toPath: folder.last)
        try runs.train("run", run, upTo: 3, resume: true)
        let kept = (0...8).filter { FileManager.default.fileExists(atPath: folder.kept($0)) }
        #expect(kept == [2])
    }

    /// As after a kill between a save and the copy.
    @Test func keepsWhatAnEndedRunCouldNot() throws {
        let runs = try TinyRuns()
        var run = tiny(updates: 7)
        (run.training.saveEvery, run.training.keepCheckpoints) = (2, 2)
        run.training.validateEvery = 2
        let whole = try runs.train("whole", run)
        let parts = try runs.train("parts", run, upTo: 6)
        #expect(!FileManager.default.fileExists(atPath: parts.kept(6)))
        try runs.train("parts", run, resume: true)
        for update in [4, 6] {
            #expect(try parts.bytes(parts.kept(update)) == whole.bytes(whole.kept(update)))
        }
        #expect(!FileManager.default.fileExists(atPath: parts.kept(2)))
    }

    /// Whoever can write to the folder does not decide which files a run replaces.
    @Test func plantedLinksAreNotFollowed() throws {
        let runs = try TinyRuns()
        var run = tiny(updates: 6)
        run.training.validateEvery = 2
        let folder = try runs.train("run", run, upTo: 2)
        let victims = [folder.best, folder.recordings].map { file in
            (file: file, victim: "\(runs.path)/\((file as NSString).lastPathComponent)")
        }
        for (file, victim) in victims {
            try Data("mine".utf8).write(to: URL(fileURLWithPath: victim))
            try FileManager.default.removeItem(atPath: file)
            #expect(symlink(victim, file) == 0)
        }
        try runs.train("run", run, resume: true)
        for (file, victim) in victims {
            #expect(FileManager.default.contents(atPath: victim) == Data("mine".utf8))
            #expect(FileManager.default.contents(atPath: file) != Data("mine".utf8), "\(file)")
        }
        try FileManager.default.moveItem(atPath: folder.log, toPath: "\(runs.path)/log")
        #expect(symlink("\(runs.path)/log", folder.log) == 0)
        run.training.maxUpdates = 8
        let text = message { try runs.train("run", run, resume: true) }
        #expect(text.contains("log.jsonl"), "\(text)")
    }

    @Test func savesByTime() throws {
        let runs = try TinyRuns()
        let (screen, folder) = (RunScreen(), runs.folder("run"))
        var saved: [Int] = []
        screen.seen = { line in
            guard line.hasPrefix("update ") else { return }
            saved.append((try? Checkpoint(path: folder.last).state.update) ?? 0)
        }
        var run = tiny(updates: 4)
        run.training.saveEveryMinutes = 1e-9
        try runs.train("run", run, screen: screen)
        #expect(saved == [0, 1, 2, 3])
        // The numbers are those of a run that saves at its end.
        let (other, plain) = (
            try runs.train("plain", tiny(updates: 4)), try Checkpoint(path: folder.last).model()
        )
        for (a, b) in zip(try Checkpoint(path: other.last).model().parameters, plain.parameters) {
            #expect(a.variable.value.values == b.variable.value.values)
        }
    }
}
