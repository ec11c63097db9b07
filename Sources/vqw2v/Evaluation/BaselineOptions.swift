import ArgumentParser
import Files
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
        guard minutes > 0, minutes <= 1e6 else {
            throw ValidationError("--baseline-minutes must be positive and at most 1000000, not \(minutes)")
        }
        guard !noBaseline || data.isEmpty else {
            throw ValidationError("--no-baseline and --baseline-data contradict each other: leave one out")
        }
    }

    /// Recordings that a baseline is fitted on.
    struct Source {
        let recordings: FoundInputs
        /// Whether they are those of the checkpoint's run, which has read them in spite of what is wrong with them.
        let isOfRun: Bool
    }

    /// What a checkpoint's baseline is fitted on; nil, after a note, for none.
    /// - Throws: `ExitCode` where there are no recordings, which were named.
    func source(for checkpoint: String) throws -> Source? {
        guard data.isEmpty else { return Source(recordings: try found(), isOfRun: false) }
        guard !noBaseline else { return nil }
        let folder = FilePath(checkpoint).removingLastComponent()
        let list = RunFolder(path: folder.isEmpty ? "." : folder.string).recordings
        do {
            let entries = try Manifest.read(FilePath(list)).entries
            guard let gone = entries.first(where: { !$0.path.isFile }) else {
                return Source(
                    recordings: try FoundInputs(searching: [FilePath(list)], naming: .path), isOfRun: true)
            }
            note("\(list) lists \(gone.path), which is not there")
        } catch let error as ExitCode {
            throw error
        } catch {
            note("\(error)")
        }
        return nil
    }

    /// The recordings that were named.
    /// - Throws: `ExitCode` where there are none.
    func found() throws -> FoundInputs { try FoundInputs(searching: data, naming: .path) }

    /// Says what becomes of the recordings for a baseline of a model without units.
    func note(withoutUnits checkpoint: String, judgesLayers: Bool) {
        let rest =
            judgesLayers
            ? "its layers stand beside MFCCs themselves"
            : "to judge its layers beside MFCCs, name layers and alignments (--layer, --alignments)"
        printError(
            messageLine(
                "note: \(checkpoint) has no units, and so there is no number of clusters to fit to --baseline-data: "
                    + rest))
    }

    /// Says why there is none of the recordings that were named, beside figures that are good without.
    /// - Returns: the number of inputs that could not be used.
    func failure(_ problem: any Error) -> Int {
        printError(errorLine("no baseline: \(problem) (--baseline-data)"))
        return 1
    }

    /// Says why there is no baseline.
    func note(_ problem: String) {
        printError(messageLine("note: no baseline: \(problem); say what to fit it on (--baseline-data)"))
    }
}
