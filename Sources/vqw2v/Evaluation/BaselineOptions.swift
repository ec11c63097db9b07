import ArgumentParser
import Files
import Foundation
import Speech
import SystemPackage
import Training

/// What the baseline is fitted on.
struct BaselineOptions: ParsableArguments {
    @Option(
        name: .customLong("baseline-data"), parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Recordings that the baseline is fitted on: clusters of their MFCCs, as many as there are units in use. \
            (default: those that a checkpoint in the folder of its run was trained on)
            """, valueName: "input"), completion: .file())
    var data: [FilePath] = []

    @Option(
        name: .customLong("baseline-minutes"),
        help: ArgumentHelp("Minutes of them that are enough, chosen at random.", valueName: "minutes"))
    var minutes = 60.0

    @Flag(help: "Judge without a baseline.")
    var noBaseline = false

    func validate() throws {
        guard minutes > 0, minutes.isFinite else {
            throw ValidationError("--baseline-minutes must be positive, not \(minutes)")
        }
        guard !noBaseline || data.isEmpty else {
            throw ValidationError("--no-baseline and --baseline-data contradict each other: leave one out")
        }
    }

    /// What a checkpoint's baseline is fitted on; nil, after a note, for none.
    func data(for checkpoint: String) -> [FilePath]? {
        guard data.isEmpty else { return data }
        guard !noBaseline else { return nil }
        let list = RunFolder(path: FilePath(checkpoint).removingLastComponent().string).recordings
        func note(_ problem: String) -> [FilePath]? {
            printError(
                messageLine(
                    "note: no baseline: \(problem); say what it is to be fitted on (--baseline-data), or --no-baseline"))
            return nil
        }
        guard FileManager.default.fileExists(atPath: list) else {
            return note("there is no list of recordings \(list)")
        }
        do {
            let entries = try Manifest.read(FilePath(list)).entries
            if let gone = entries.first(where: { !$0.path.isFile }) {
                return note("\(list) lists \(gone.path), which is not there")
            }
        } catch {
            return note("\(error)")
        }
        return [FilePath(list)]
    }
}
