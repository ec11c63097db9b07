import ArgumentParser
import Files
import Speech
import SystemPackage

/// Leaving out work whose output is there from an earlier run. Outputs are renamed into place when they are
/// complete, so that their presence is enough.
struct SkipOptions: ParsableArguments {
    @Flag(
        help: """
            Do nothing if --output is there already: it appears only when it is complete. In a folder, leave \
            out the recordings whose file is there.
            """)
    var skipExisting = false

    /// - Throws: `ValidationError` where there is no output to look for.
    func validate(output: String?) throws {
        if skipExisting, output == nil {
            throw ValidationError("--skip-existing looks for the output of an earlier run: name it, --output")
        }
    }

    /// Whether everything is done because a file is there; says so.
    func isDone(_ file: String?) -> Bool {
        guard skipExisting, let file, FilePath(file).isFile else { return false }
        printError("\(file) is there already: nothing to do (--skip-existing)")
        return true
    }

    /// The recordings without those that have `FOLDER/NAME.npy`; says how many these are.
    func remaining(_ recordings: [Recording], folder: String?) -> [Recording] {
        guard skipExisting, let folder else { return recordings }
        let remaining = recordings.filter { !FilePath(folder).appending($0.name + ".npy").isFile }
        printError(
            "\(recordings.count - remaining.count) of \(recordings.count) recordings were done already")
        return remaining
    }
}
