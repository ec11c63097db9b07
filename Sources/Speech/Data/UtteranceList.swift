import SystemPackage
import Tensors

/// A recording to train on.
public struct Utterance: Sendable, Equatable {
    public var source: AudioSource
    /// Length in samples at the model's rate, more than 0.
    public var samples: Int
    /// Its index in the list that it was read into; a part of the list keeps it. Random numbers are keyed
    /// by it.
    public var id: Int

    public init(_ source: AudioSource, samples: Int, id: Int) {
        self.source = source
        self.samples = samples
        self.id = id
    }

    /// The source in one line.
    public var path: String { source.description }
}

/// The recordings that a model is trained or validated on, and their lengths.
public struct UtteranceList: Sendable, Equatable {
    public var utterances: [Utterance]
    /// What the user should know of the search for them, a line each.
    public private(set) var notes: [String] = []
    /// What is wrong with recordings that were passed over.
    public private(set) var unusable: [AudioError] = []

    public init(_ utterances: [Utterance]) {
        self.utterances = utterances
    }

    /// Finds the recordings that the arguments name (see `RecordingSearch`) and reads their lengths: from a
    /// manifest where there is one, else from the headers. With `resample` the headers are always read,
    /// since a manifest does not give the rate.
    ///
    /// - Parameters:
    ///   - sampleRate: the model's, in samples per second.
    ///   - resample: accept other rates; lengths are those after conversion.
    ///   - skippingUnusable: pass over recordings that cannot be used.
    /// - Throws: `DataError` with a line for each argument and each recording that cannot be used.
    public init(
        _ arguments: [FilePath], sampleRate: Int, resample: Bool = false, skippingUnusable: Bool = false
    ) throws {
        let search = RecordingSearch(arguments)
        var problems = search.problems
        (utterances, notes) = ([], search.notes)
        for recording in search.recordings {
            do {
                let samples = try Self.length(of: recording, sampleRate: sampleRate, resample: resample)
                utterances.append(Utterance(recording.source, samples: samples, id: utterances.count))
            } catch let error as AudioError {
                if skippingUnusable { unusable.append(error) } else { problems.append(.recording(error)) }
            }
        }
        guard problems.isEmpty else { throw DataError(listing: problems) }
        guard !utterances.isEmpty else {
            guard unusable.isEmpty else { throw DataError(listing: unusable.map { .recording($0) }) }
            throw DataError.argument("no data: name recordings, folders or lists (.tsv, .scp)")
        }
    }

    /// Divides the list by utterance, at random but always in the same way for the same seed; at least one
    /// goes to each part. The order and the ids stay.
    ///
    /// - Parameter validationFraction: share of the utterances that is held out, between 0 and 1.
    /// - Throws: `DataError` if there are fewer than two utterances.
    public func split(
        validationFraction: Double, seed: Int
    ) throws -> (train: UtteranceList, validation: UtteranceList) {
        guard (0...1).contains(validationFraction) else {
            throw DataError.argument(
                "the validation fraction must be between 0 and 1, not \(validationFraction)")
        }
        guard utterances.count >= 2 else {
            throw DataError.unsuitable(
                "one recording cannot be divided: name other recordings for validation")
        }
        let wanted = Int((validationFraction * Double(utterances.count)).rounded())
        let heldOut = min(max(wanted, 1), utterances.count - 1)
        var stream = RandomStream(seed: seed, purpose: .split)
        let chosen = Set(stream.permutation(utterances.count).prefix(heldOut))
        var train: [Utterance] = []
        var validation: [Utterance] = []
        for (index, utterance) in utterances.enumerated() {
            if chosen.contains(index) { validation.append(utterance) } else { train.append(utterance) }
        }
        return (UtteranceList(train), UtteranceList(validation))
    }

    private static func length(of recording: Recording, sampleRate: Int, resample: Bool) throws -> Int {
        if let listed = recording.listedSamples, !resample { return listed }
        let info = try AudioFile.info(recording.source)
        try AudioFile.requireRate(
            sampleRate, of: info.sampleRate, path: recording.path, resample: resample)
        let samples = info.samples(at: sampleRate)
        guard samples > 0 else {
            throw AudioError.unsuitable(
                "\(recording.path)", "is empty: it has no samples at \(sampleRate) Hz")
        }
        return samples
    }
}

extension RandomStream.Purpose {
    static let split = RandomStream.Purpose(8)
}
