import Evaluation
import Files
import Speech
import SystemPackage
import Tensors
import Tokenizers

/// What learned units have to beat: clusters of 39 MFCCs, as many as there are units in use.
struct Baseline {
    /// Of a recording that is judged.
    struct Cepstra {
        /// [T, 39].
        let frames: Tensor
        let samples: Int
        /// Of the recording, for messages.
        let path: String
    }

    private let mfcc: MFCC
    private let sampleRate: Int
    /// What clusters are fitted on.
    private let frames: FrameSpool
    /// Recordings that could not be used.
    let failures: Int

    /// Reads what clusters are fitted on.
    /// - Parameters:
    ///   - data: recordings, taken at random.
    ///   - minutes: that are enough.
    ///   - output: in whose folder frames are kept where they are many.
    init(fittedOn data: FoundInputs, minutes: Double, sampleRate: Int, resample: Bool, for output: String)
        throws
    {
        let maker = try FrameMaker(.mfcc, sampleRate: sampleRate)
        mfcc = try MFCC(sampleRate: sampleRate)
        self.sampleRate = sampleRate
        let frames = FrameSpool(dimensions: MFCC.dimensions, for: output)
        let enough = Int(minutes * 60 * mfcc.centres.frameRate)
        var stream = RandomStream(seed: 0, purpose: .baselineData)
        failures = try data.shuffled(&stream).forEachSound(
            sampleRate: sampleRate, resample: resample, until: { frames.count >= enough },
            { try frames.append(maker($2, $1)) })
        self.frames = frames
    }

    /// The MFCCs of the recordings of a system.
    /// - Throws: `EvaluationError` for frames of a recording that is not there, or has another length.
    static func match(
        _ system: CheckpointEvaluation.System, _ cepstra: [ByteString: Cepstra]
    ) throws(EvaluationError) -> [Match] {
        var matches: [Match] = []
        for frames in system.recordings {
            guard let known = cepstra[frames.name] else {
                throw .noRecording(path: system.name, line: frames.line, utterance: frames.name)
            }
            try frames.requireLength(known.samples, of: known.path, system.centres, path: system.name)
            matches.append((frames.name, known))
        }
        return matches
    }

    typealias Match = (name: ByteString, cepstra: Cepstra)

    /// Clusters of the MFCCs of some recordings.
    /// - Parameters:
    ///   - count: of the clusters.
    ///   - changed: recordings that are changed for the stability of units, and their places among all.
    ///   - failures: counts those of them that can no longer be used.
    func system(
        units count: Int, of matches: [Match], changed: [(place: Int, recording: Recording)] = [],
        resample: Bool, failures: inout Int
    ) throws -> CheckpointEvaluation.System {
        var kmeans = try KMeans(startingFrom: frames, clusters: count, seed: 0)
        let options = ClusterOptions(clusters: count)
        let progress = ShareProgress("clusters of MFCCs")
        try kmeans.fit(frames, options) { progress.show(Double($1.iteration) / Double(options.iterations)) }
        progress.finish()
        let recordings = matches.map { name, cepstra in
            RecordingFrames(
                name: name, ids: kmeans.assign(cepstra.frames).labels, groups: 1, samples: cepstra.samples,
                sampleRate: sampleRate)
        }
        var system = CheckpointEvaluation.System.cepstra(
            "\(count) clusters of MFCCs", recordings, units: count, matches, centres: mfcc.centres)
        if !changed.isEmpty {
            let stability = try stability(of: kmeans, changed, resample: resample, &failures)
            system.others.append(("stability", stability))
        }
        return system
    }

    /// How many ids change with the recording.
    private func stability(
        of kmeans: KMeans, _ changed: [(place: Int, recording: Recording)], resample: Bool,
        _ failures: inout Int
    ) throws -> Stability {
        func ids(_ samples: [Float]) -> [Int32] {
            kmeans.assign(mfcc.cepstra(samples, path: "").frames).labels
        }
        var (stability, places) = (Stability(), changed.map(\.place)[...])
        let reader = RecordingReader(changed.map(\.recording), sampleRate: sampleRate, resample: resample)
        while let (_, sound) = reader.next(), let place = places.popFirst() {
            do {
                let sound = try sound.get()
                let samples = try sound.samples(0..<sound.count)
                try stability.add(
                    samples, sampleRate: sampleRate, ids: ids(samples), groups: 1, hop: mfcc.shift,
                    number: place + 1, quantize: ids)
                stability.add(seconds: Double(samples.count) / Double(sampleRate))
            } catch let error as AudioError {
                failures += 1
                printError(errorLine(error))
            }
        }
        return stability
    }

    /// MFCCs that are not clustered: what a model without units is compared with.
    /// - Throws: `EvaluationError` where the rate is too low for MFCCs.
    static func frames(
        of matches: [Match], sampleRate: Int
    ) throws(EvaluationError) -> CheckpointEvaluation.System {
        let recordings = matches.map { name, cepstra in
            RecordingFrames(
                name: name, features: cepstra.frames.shape[0], samples: cepstra.samples,
                sampleRate: sampleRate)
        }
        return .cepstra("MFCCs", recordings, matches, centres: try MFCC(sampleRate: sampleRate).centres)
    }
}

extension CheckpointEvaluation.System {
    /// - Parameter units: how many clusters there are; nil where there are none.
    fileprivate static func cepstra(
        _ name: String, _ recordings: [RecordingFrames], units: Int? = nil, _ matches: [Baseline.Match],
        centres: FrameCentres
    ) -> Self {
        let frames = Dictionary(
            matches.map { ($0.name, $0.cepstra.frames) }, uniquingKeysWith: { first, _ in first })
        return Self(
            name: name, recordings: recordings, groups: units == nil ? nil : 1, codewords: units,
            centres: centres, features: [("mfcc", frames, centres)], isBaseline: true)
    }
}

extension MFCC {
    /// Those of a whole recording.
    /// - Parameter path: of the recording, for messages.
    func cepstra(_ samples: [Float], path: String) -> Baseline.Cepstra {
        Baseline.Cepstra(
            frames: samples.withUnsafeBufferPointer { features($0) }, samples: samples.count, path: path)
    }
}

extension FoundInputs {
    /// MFCCs of the recordings, by their names.
    /// - Returns: also how many recordings could not be used; each was printed.
    func cepstra(
        sampleRate: Int, resample: Bool
    ) throws -> (cepstra: [ByteString: Baseline.Cepstra], failures: Int) {
        let mfcc = try MFCC(sampleRate: sampleRate)
        var (cepstra, names) = ([ByteString: Baseline.Cepstra](), Set<ByteString>())
        let failures = try forEachSound(sampleRate: sampleRate, resample: resample) { _, recording, sound in
            try names.insert(nameOf: recording)
            cepstra[recording.name] = mfcc.cepstra(
                try sound.samples(0..<sound.count), path: recording.path)
        }
        return (cepstra, failures)
    }
}

extension Set<ByteString> {
    /// - Throws: `AudioError` where another recording has the name.
    mutating func insert(nameOf recording: Recording) throws {
        guard insert(recording.name).inserted else {
            throw AudioError.unsuitable(
                recording.path,
                "another recording is called \(recording.name) too: name them by their paths (--names path)")
        }
    }
}

extension RandomStream.Purpose {
    static let baselineData = RandomStream.Purpose(24)
}
