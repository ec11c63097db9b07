import ArgumentParser
import Files
import Speech
import SystemPackage
import TokenFiles

/// Leaving out work whose output is there from an earlier run. Outputs are renamed into place when they are
/// complete, so that their presence is enough, once it is clear that they were made in the same way.
struct SkipOptions: ParsableArguments {
    @Flag(
        help: """
            Do nothing if --output is there already: it appears only when it is complete. In a folder, leave \
            out the recordings whose file is there. What is of another checkpoint, of other options, or, but in a \
            folder, of other recordings is refused.
            """)
    var skipExisting = false

    /// - Throws: `ValidationError` where there is no output to look for.
    func validate(output: String?) throws {
        if skipExisting, output == nil {
            throw ValidationError("--skip-existing looks for the output of an earlier run: name it, --output")
        }
    }

    /// Whether everything is done because a file is there, and what belongs to it; says so.
    /// - Parameter problems: inputs that named nothing, which perhaps hold recordings that the output lacks.
    /// - Throws: `OutputError` where that was made otherwise.
    func isDone(
        _ location: OutputLocation?, as description: OutputDescription, companions: [String], problems: Int
    ) throws -> Bool {
        guard skipExisting, let location,
            try location.isComplete(as: description, companions: companions), problems == 0
        else { return false }
        printError("\(location.lastFile ?? location.path) is there already: nothing to do (--skip-existing)")
        return true
    }

    /// The recordings, by their places, without those that have a file in the folder; says how many these are.
    func remaining(_ recordings: [Recording], at location: OutputLocation?) -> [Int] {
        guard skipExisting, let location, location.folder != nil else { return Array(recordings.indices) }
        let remaining = recordings.indices.filter { !location.holds(recordings[$0].name) }
        printError(
            "\(recordings.count - remaining.count) of \(recordings.count) recordings were done already")
        return remaining
    }
}
