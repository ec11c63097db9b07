import ArgumentParser
import Evaluation
import Files
import Speech
import SystemPackage
import TokenFiles

/// Token files that are judged, and how they are read.
struct UnitInputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: ArgumentHelp(
            "Token files to judge, side by side: whatever quantize writes.", valueName: "path"),
        completion: .file())
    var units: [String] = []

    @Option(
        help: ArgumentHelp(
            "What the token files are: \(TokenFormat.allCases.map(\.rawValue).joined(separator: ", ")). (default: what "
                + "they look like)", valueName: "format"))
    var unitsFormat: TokenFormat?

    @Option(help: "How a frame of the token files is written. (default: what their descriptions say)")
    var ids: TokenIDs?

    @Option(help: "Groups of the token files' model. (default: what their descriptions say)")
    var groups: Int?

    @Option(help: "Codewords of a group. (default: what their descriptions say)")
    var codewords: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Recordings of a token file whose lines do not name them (fairseq), in order.", valueName: "input"
        ),
        completion: .file())
    var recordings: [FilePath] = []

    @Option(help: ArgumentHelp("Samples from a frame to the next. (default: 160)", valueName: "samples"))
    var hop: Int?

    @Option(
        help: ArgumentHelp("Samples that a frame sees. (default: 465, vq-wav2vec's)", valueName: "samples"))
    var window: Int?

    @Option(
        help: ArgumentHelp("Rate of the recordings of the token files. (default: 16000)", valueName: "Hz"))
    var rate: Int?

    func validate() throws {
        for (name, value) in [
            ("--groups", groups), ("--codewords", codewords), ("--hop", hop), ("--window", window),
            ("--rate", rate),
        ] {
            if let value, !(1...1 << 30).contains(value) {
                throw ValidationError("\(name) must be between 1 and \(1 << 30), not \(value)")
            }
        }
    }

    /// Reads a token file, and where its frames lie: as the options say, else its description, else vq-wav2vec's.
    /// - Throws: as `TokenInput`.
    func read(_ path: String, naming: RecordingNaming) throws -> (input: TokenInput, centres: FrameCentres) {
        var options = TokenInputOptions()
        (options.format, options.ids, options.groups, options.codewords) = (
            unitsFormat, ids, groups, codewords
        )
        if !recordings.isEmpty {
            let search = RecordingSearch(recordings, naming: naming)
            if let problem = search.problems.first { throw problem }
            options.names = search.recordings.map(\.name)
        }
        let input = try TokenInput(path: path, options: options)
        let usual = FrameCentres.usual
        return (
            input,
            FrameCentres(
                hop: hop ?? input.timing?.hop ?? usual.hop,
                window: window ?? input.timing?.window ?? usual.window,
                sampleRate: rate ?? input.timing?.sampleRate ?? usual.sampleRate)
        )
    }
}
