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

    @Option(
        help: ArgumentHelp(
            "Samples from a frame of tokens or features to the next. (default: 160)", valueName: "samples"))
    var hop: Int?

    @Option(
        help: ArgumentHelp("Samples that a frame sees. (default: 465, vq-wav2vec's)", valueName: "samples"))
    var window: Int?

    @Option(
        help: ArgumentHelp(
            "Rate of the recordings of token files and features. (default: 16000)", valueName: "Hz"))
    var rate: Int?

    func validate() throws {
        for (name, value) in [
            ("--groups", groups), ("--codewords", codewords), ("--hop", hop), ("--window", window),
            ("--rate", rate),
        ] {
            if let value, !(1...TokenInput.largest).contains(value) {
                throw ValidationError("\(name) must be from 1 to \(TokenInput.largest), not \(value)")
            }
        }
    }

    /// The units of a token file, and where their frames lie: as the options say, else its description, else as
    /// vq-wav2vec's.
    /// - Throws: as `TokenInput`; `DataError` or `AudioError` where a recording of theirs cannot be used.
    func read(_ path: String, naming: RecordingNaming) throws -> CheckpointEvaluation.System {
        var options = TokenInputOptions()
        (options.format, options.ids, options.groups, options.codewords) = (
            unitsFormat, ids, groups, codewords
        )
        var (known, ofPaths) = ([ByteString: Recording](), [ByteString: ByteString]())
        if !recordings.isEmpty {
            let search = RecordingSearch(recordings, naming: naming)
            if let problem = search.problems.first { throw problem }
            options.names = search.recordings.map(\.name)
            for recording in search.recordings {
                known[recording.name] = recording
                ofPaths[recording.source.location] = recording.name
            }
        }
        options.nameOfPath = { [ofPaths] path in ofPaths[path] ?? naming.name(FilePath(path)) }
        let input = try TokenInput(path: path, options: options)
        let centres = centres(input.timing)
        let frames = try input.utterances.map { utterance in
            let recording = known[utterance.name]
            let length = try recording?.knownSamples(at: centres.sampleRate)
            return RecordingFrames(
                name: utterance.name, ids: utterance.ids, groups: input.groups,
                samples: length ?? utterance.samples, sampleRate: utterance.sampleRate, line: utterance.line,
                recording: length == nil ? nil : recording?.path)
        }
        return CheckpointEvaluation.System(
            name: path, recordings: frames, groups: input.groups, codewords: input.codewords,
            centres: centres)
    }

    /// Where frames lie of which a description says so much.
    func centres(_ timing: TokenInput.Timing?) -> FrameCentres {
        let usual = FrameCentres.usual
        return FrameCentres(
            hop: hop ?? timing?.hop ?? usual.hop, window: window ?? timing?.window ?? usual.window,
            sampleRate: rate ?? timing?.sampleRate ?? usual.sampleRate)
    }
}

extension Recording {
    /// Its length at a rate, as its header says; where it is not there, as its list does; nil where that does not.
    /// - Throws: `AudioError`.
    fileprivate func knownSamples(at rate: Int) throws -> Int? {
        source.path.isFile ? try AudioFile.info(source).samples(at: rate) : listedSamples
    }
}
