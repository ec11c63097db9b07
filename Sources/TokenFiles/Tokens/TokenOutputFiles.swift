import Files
import SystemPackage

/// The files that a run of tokenizing leaves, known before any is begun.
struct TokenOutputFiles {
    private let location: OutputLocation?
    /// The files of the format.
    private let output: [String]
    let durations: String?
    let labels: String?
    let dictionary: String?
    /// Of the vocabulary.
    private let vocabulary: OutputLocation?
    /// What an output of this name has beside it with other options: durations, labels.
    private let others: [String]
    private let options: TokenOutputOptions

    init(_ options: TokenOutputOptions, _ encoding: TokenEncoding, hasLabels: Bool) {
        self.options = options
        let named = options.namedOutput
        location = options.location
        output = named.map { options.format.files($0, encoding) } ?? []
        durations = named.flatMap { options.format.durationsFile($0, encoding) }
        labels = hasLabels ? named.map { FairseqCompanion.path(of: $0, suffix: "lbl") } : nil
        dictionary = options.dictionaryFile
        vocabulary = options.vocabulary.map(OutputLocation.folder)
        let written = Set(output + [durations, labels].compactMap(\.self))
        others = (named.map { options.format.companions($0, encoding) } ?? []).filter {
            !written.contains($0)
        }
    }

    /// Files of an earlier output of this name that this one has no longer; they would be taken for its own.
    var obsolete: [String] { others.filter(OutputLocation.exists) }

    /// Every file that belongs to the output.
    var all: [String] {
        output + [durations, labels, dictionary].compactMap(\.self)
            + (vocabulary.map { VocabularyFolder.files($0.path) } ?? [])
    }

    /// The description beside the output that appears with it; that of a folder appears before.
    var sidecar: String? { location?.folder == nil ? location?.sidecar : nil }

    /// - Throws: `OutputError` where a file would be written twice, or an input replaced.
    func check(inputs: some Sequence<FilePath>) throws {
        var files = OutputFiles()
        for file in output { try files.add(file) }
        for case let file? in [location?.sidecar, labels, dictionary] { try files.add(file) }
        for file in vocabulary.map({ VocabularyFolder.files($0.path) }) ?? [] { try files.add(file) }
        try files.check(against: inputs)
    }

    /// - Throws: `OutputError` where files of another output would be replaced, or mixed with those of this one.
    func requireOwn(_ description: OutputDescription, _ recordings: [RecordingName]) throws {
        try location?.requireOwn([durations, labels].compactMap(\.self) + others)
        if let vocabulary { try vocabulary.requireOwn(VocabularyFolder.contents(vocabulary.path)) }
        try requireUnshared(description, recordings)
    }

    /// Of that, what another output can have given a name while this one was made: what several outputs may be told to write.
    /// - Throws: `OutputError`.
    func requireUnshared(_ description: OutputDescription, _ recordings: [RecordingName]) throws {
        if let location {
            try location.requireUnmixed(description, names: recordings.lazy.map(\.name))
            try requireOwnDictionary(location)
        }
        if let vocabulary { try requireOwnVocabulary(vocabulary, description) }
    }

    /// A vocabulary of another output, whose tokens it would then lack.
    private func requireOwnVocabulary(
        _ vocabulary: OutputLocation, _ description: OutputDescription
    ) throws {
        guard let location,
            let file = VocabularyFolder.contents(vocabulary.path).first(where: OutputLocation.exists)
        else { return }
        if case .description(let record) = try location.record(),
            record[OutputDescription.vocabularyKey] == vocabulary.path
        {
            return
        }
        // Of the same recordings by the same options: a command that was killed before its output had its name left it.
        if case .description(let record) = try vocabulary.record(),
            try record.isMade(as: description)
        {
            return
        }
        throw OutputError.notKnown(
            file, belongsTo: "belong to \(location.path)",
            remedy: "name another folder (--vocabulary), or remove it")
    }

    /// A dictionary that is not known to be this output's may be another's, whose tokens it would then lack.
    private func requireOwnDictionary(_ location: OutputLocation) throws {
        guard let dictionary, options.dictionary == nil, OutputLocation.exists(dictionary) else { return }
        if case .description(let record) = try location.record(), record["dictionary"] == dictionary {
            return
        }
        throw OutputError.notKnown(
            dictionary, belongsTo: "belong to \(location.path)",
            remedy: "name a file for the counts of its tokens (--dictionary), or write it to another folder")
    }
}
