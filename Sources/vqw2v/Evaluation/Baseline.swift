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
    }

    private let mfcc: MFCC
    private let sampleRate: Int
    /// What clusters are fitted on.
    private let frames: FrameSpool
    /// Recordings that could not be used.
    private(set) var failures: Int

    /// Reads what clusters are fitted on.
    /// - Parameters:
    ///   - data: recordings, taken at random.
    ///   - minutes: that are enough.
    ///   - output: in whose folder frames are kept where they are many.
    init(fittedOn data: [FilePath], minutes: Double, sampleRate: Int, resample: Bool, for output: String)
        throws
    {
        let maker = try FrameMaker(.mfcc, sampleRate: sampleRate)
        mfcc = try MFCC(sampleRate: sampleRate)
        self.sampleRate = sampleRate
        let frames = FrameSpool(dimensions: MFCC.dimensions, for: output)
        let enough = Int(minutes * 60 * mfcc.centres.frameRate)
        var stream = RandomStream(seed: 0, purpose: .baselineData)
        failures = try FoundInputs(searching: data, naming: .path).shuffled(&stream).forEachSound(
            sampleRate: sampleRate, resample: resample, until: { frames.count >= enough },
            { try frames.append(maker($2, $1)) })
        self.frames = frames
    }

    /// Clusters of the MFCCs of some recordings.
    /// - Parameters:
    ///   - count: of the clusters.
    ///   - units: of the recordings, whose order the baseline has too.
    ///   - path: of the units, for messages.
    /// - Throws: `EvaluationError` for units of a recording that is not there.
    func system(
        units count: Int, like units: [RecordingUnits], path: String, _ cepstra: [ByteString: Cepstra]
    ) throws -> CheckpointEvaluation.System {
        var kmeans = try KMeans(startingFrom: frames, clusters: count, seed: 0)
        let options = ClusterOptions(clusters: count)
        let progress = ShareProgress("clusters of MFCCs")
        try kmeans.fit(frames, options) { progress.show(Double($1.iteration) / Double(options.iterations)) }
        progress.finish()
        var system = CheckpointEvaluation.System(
            name: "\(count) clusters of MFCCs", groups: 1, codewords: count, centres: mfcc.centres)
        system.units = try units.map { units in
            guard let known = cepstra[units.name] else {
                throw EvaluationError.noRecording(path: path, line: units.line, utterance: units.name)
            }
            return RecordingUnits(
                name: units.name, ids: kmeans.assign(known.frames).labels, samples: known.samples,
                sampleRate: sampleRate, line: nil)
        }
        system.features = [("mfcc", cepstra.mapValues(\.frames), mfcc.centres)]
        return system
    }
}

extension MFCC {
    /// Those of a whole recording.
    func cepstra(_ samples: [Float]) -> Baseline.Cepstra {
        Baseline.Cepstra(
            frames: samples.withUnsafeBufferPointer { features($0) }, samples: samples.count)
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
            cepstra[recording.name] = mfcc.cepstra(try sound.samples(0..<sound.count))
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
