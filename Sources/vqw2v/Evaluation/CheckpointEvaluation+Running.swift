import Communication
import Evaluation
import Files
import Layers
import Speech
import Tensors
import Tokenizers

extension CheckpointEvaluation {
    /// What comes of a run over recordings.
    struct Outcome {
        var model: System
        /// Of each recording, where MFCCs are wanted.
        var cepstra: [ByteString: Baseline.Cepstra] = [:]
        /// The recordings that were changed for the stability of units, and their places among all.
        var changed: [(place: Int, recording: Recording)] = []
        /// How many inputs could not be used.
        var failures = 0
    }

    /// A recording that is long in memory: it may be one of those that are changed.
    private struct Candidate {
        let place: Int
        let path: String
        let samples: [Float]
        let tokens: TokenSequence
    }

    /// Runs the model over recordings, of which each process has a part.
    /// - Parameters:
    ///   - layers: whose frames are kept.
    ///   - wantsMFCC: whether MFCCs are wanted of the recordings, for the baseline.
    /// - Returns: nil for all processes but the first.
    /// - Throws: `CheckpointError` for layers that the model has not; of several processes also `ProcessFailure`.
    func run(
        _ found: FoundInputs, _ division: Division, resample: Bool, layers: [FrameLayer], wantsMFCC: Bool
    ) throws -> Outcome? {
        let communicator = division.communicator
        let recordings = found.recordings
        let makers = try communicator.together {
            try layers.map { ($0.rawValue, try FrameMaker($0, checkpoint)) }
        }
        let mfcc = wantsMFCC ? try communicator.together { try MFCC(sampleRate: sampleRate) } : nil
        let spool = ItemSpool()
        var (judged, used, candidates) = ([JudgedRecording](), [[Int]](), [Candidate]())
        var seconds = 0.0
        var failures = try found.forEachSound(
            division, sampleRate: sampleRate, resample: resample, model: tokenizer
        ) {
            place, recording, sound in
            let samples = try sound.samples(0..<sound.count)
            var item = JudgedRecording(place: place, samples: samples.count)
            item.frames = try makers.map { try $0.1(sound, recording) }
            try AudioError.naming(recording.path) {
                item.predictions =
                    try prediction?.sums(samples, of: recording) ?? []
                if let tokenizer {
                    let tokens = try tokenizer.quantize(samples)
                    item.ids = tokens.ids
                    if seconds < Stability.enough {
                        candidates.append(
                            Candidate(place: place, path: recording.path, samples: samples, tokens: tokens))
                    }
                }
            }
            if let mfcc { item.frames.append(samples.withUnsafeBufferPointer { mfcc.features($0) }) }
            seconds += Double(samples.count) / Double(sampleRate)
            used.append([place, samples.count])
            if communicator.isFirst { judged.append(item) } else { try spool.append(item, audioSeconds: 0) }
        }
        // Recordings that have the name of an earlier one are left out.
        let all = try communicator.collect { used }.flatMap { $0 }
        var (names, kept) = (Set<ByteString>(), [[Int]]())
        for item in all {
            do {
                try names.insert(nameOf: recordings[item[0]])
                kept.append(item)
            } catch {
                guard communicator.isFirst else { continue }
                failures += 1
                printError(errorLine(error))
            }
        }
        let changed = hasUnits ? changed(of: kept) : []
        let stability = try stability(of: candidates, among: changed, communicator, &failures)
        failures = try communicator.collect { failures }.reduce(0, +)
        try spool.deliver(among: communicator) { _, note, values in
            let name = RecordingName(path: ByteString(""))
            judged.append(JudgedRecording(of: name, numbers: note.numbers, values: values))
        }
        guard communicator.isFirst else { return nil }
        let places = Set(kept.map { $0[0] })
        judged.removeAll { !places.contains($0.place) }
        var outcome = outcome(
            of: judged, recordings, makers.map { ($0.0, $0.1.centres) }, stability, wantsMFCC: wantsMFCC,
            failures)
        outcome.changed = changed.map { ($0[0], recordings[$0[0]]) }
        return outcome
    }

    /// The first of the recordings that are kept, as many as are enough.
    /// - Parameter kept: place and samples of each recording of all processes.
    private func changed(of kept: [[Int]]) -> [[Int]] {
        var seconds = 0.0
        return kept.prefix { item in
            defer { seconds += Double(item[1]) / Double(sampleRate) }
            return seconds < Stability.enough
        }
    }

    /// How many ids change with the recording.
    /// - Parameters:
    ///   - changed: place and samples of the recordings that are changed, of all processes.
    ///   - failures: counts recordings that cannot be changed.
    private func stability(
        of candidates: [Candidate], among changed: [[Int]], _ communicator: any Communicator,
        _ failures: inout Int
    ) throws -> Stability {
        var stability = Stability()
        guard let tokenizer else { return stability }
        for item in changed { stability.add(seconds: Double(item[1]) / Double(sampleRate)) }
        let chosen = Set(changed.map { $0[0] })
        for candidate in candidates where chosen.contains(candidate.place) {
            do {
                try AudioError.naming(candidate.path) {
                    try stability.add(
                        candidate.samples, sampleRate: sampleRate, ids: candidate.tokens.ids,
                        groups: candidate.tokens.groups, hop: centres.hop, number: candidate.place + 1
                    ) { try tokenizer.quantize($0).ids }
                }
            } catch let error as AudioError {
                failures += 1
                printError(errorLine(error))
            }
        }
        for (rank, sums) in try communicator.collect({ stability.sums }).enumerated()
        where rank != communicator.rank {
            stability.add(sums: sums)
        }
        return stability
    }

    private func outcome(
        of judged: [JudgedRecording], _ recordings: [Recording], _ layers: [(String, FrameCentres)],
        _ stability: Stability, wantsMFCC: Bool, _ failures: Int
    ) -> Outcome {
        let codebook = hasUnits ? checkpoint.configuration.units.codebookSize : nil
        var system = System(
            name: checkpoint.path, groups: codebook?.groups, codewords: codebook?.variables, centres: centres)
        system.features = layers.map { ($0.0, [:], $0.1) }
        var (cepstra, prediction) = ([ByteString: Baseline.Cepstra](), prediction)
        for item in judged {
            let (name, path) = (recordings[item.place].name, recordings[item.place].path)
            for index in layers.indices { system.features[index].frames[name] = item.frames[index] }
            if wantsMFCC, let frames = item.frames.last {
                cepstra[name] = Baseline.Cepstra(frames: frames, samples: item.samples, path: path)
            }
            prediction?.add(item.predictions)
            system.predictions[name] = prediction?.ofUtterance(
                item.predictions, seconds: Double(item.samples) / Double(sampleRate))
            let frames =
                if let groups = system.groups {
                    RecordingFrames(
                        name: name, ids: item.ids, groups: groups, samples: item.samples,
                        sampleRate: sampleRate)
                } else {
                    RecordingFrames(
                        name: name, features: centres.frames(samples: item.samples), samples: item.samples,
                        sampleRate: sampleRate)
                }
            system.recordings.append(frames)
        }
        if let figures = prediction?.figures { system.others.append(("prediction", figures)) }
        if hasUnits { system.others.append(("stability", stability)) }
        return Outcome(model: system, cepstra: cepstra, failures: failures)
    }
}
