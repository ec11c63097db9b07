import ArgumentParser
import Speech
import SystemPackage

/// Time-aligned labels, and how they are read.
struct LabelOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Files and folders of alignments: TextGrid, TIMIT's phn and wrd, ctm, HTK's lab and mlf, festvox's lab, \
            Audacity's txt, csv, tsv.
            """, valueName: "path"), completion: .file())
    var alignments: [FilePath] = []

    @Option(help: "Tier of the phones. (default: phones or phone, or the only one)")
    var tier: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Labels of silence, and of what is no speech. (default: \(Self.usualSilence.joined(separator: " ")), and "
                + "empty ones)", valueName: "label"))
    var silence: [String] = []

    @Option(
        help: ArgumentHelp(
            "What the alignments are, whatever their names end in: "
                + AlignmentFormat.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "format")
    )
    var alignmentFormat: AlignmentFormat?

    @Option(help: ArgumentHelp("Rate by which TIMIT's labels count samples.", valueName: "Hz"))
    var alignmentRate = 16000

    @Flag(help: "Cut Kaldi's _B, _I, _E and _S off labels.")
    var stripPositions = false

    @Flag(help: "Judge what has labels; leave out what has none, and labels of what is not there.")
    var matchedOnly = false

    /// Of TIMIT, Kaldi, MFA and festvox.
    static let usualSilence = ["sil", "SIL", "sp", "spn", "pau", "h#", "#", "<eps>", "<sil>", "SPN", "NSN"]

    var silenceLabels: Set<String> { Set(silence.isEmpty ? Self.usualSilence : silence).union([""]) }

    func validate() throws {
        guard alignmentRate > 0 else {
            throw ValidationError("--alignment-rate must be positive, not \(alignmentRate)")
        }
    }

    /// Nil where no alignments are named.
    /// - Throws: as `AlignmentSet`.
    func read(naming: RecordingNaming) throws -> AlignmentSet? {
        guard !alignments.isEmpty else { return nil }
        var options = AlignmentOptions()
        (options.format, options.sampleRate) = (alignmentFormat, alignmentRate)
        options.stripsPositions = stripPositions
        return try AlignmentSet(alignments, naming: naming, options: options)
    }
}

extension AlignmentFormat: ExpressibleByArgument {}
