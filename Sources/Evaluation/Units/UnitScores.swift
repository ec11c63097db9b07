/// The scores of labelled units that depend on the choice of utterances.
public struct UnitScores: Equatable, Sendable {
    public let phones: PhoneScores
    public let phonesWithoutSilence: PhoneScores
    public let boundaries: BoundaryScores
    public let mergedBoundaries: BoundaryScores
    /// Of whole units.
    public let usage: SequenceCounts.Usage
    public let frames: Int
    public let runs: Int
    /// Bits per second, of frames and of runs.
    public let bitrate: Double
    public let runBitrate: Double
    /// Frames.
    public let meanRun: Double

    /// The figures that get an interval, each under its name in outputs; no number for shares of no frames.
    public static let figures: [(name: String, value: @Sendable (UnitScores) -> Double)] = [
        ("phone_purity", { $0.phones.known(\.phonePurity) }),
        ("cluster_purity", { $0.phones.known(\.clusterPurity) }),
        ("PNMI", { $0.phones.known(\.phoneNormalizedMutualInformation) }),
        ("PNMI_without_silence", { $0.phonesWithoutSilence.known(\.phoneNormalizedMutualInformation) }),
        ("v_measure", { $0.phones.known(\.vMeasure) }),
        ("boundary_F1", { $0.boundaries.f1 }),
        ("R_value", { $0.boundaries.rValue }),
        ("R_value_merged", { $0.mergedBoundaries.rValue }),
        ("bitrate", { $0.bitrate }),
        ("bitrate_deduplicated", { $0.runBitrate }),
        ("joint_perplexity", { $0.usage.perplexity }),
        ("mean_run_frames", { $0.meanRun }),
    ]
}

extension PhoneScores {
    /// A share, or no number where there are no frames.
    fileprivate func known(_ share: KeyPath<PhoneScores, Double>) -> Double {
        frames > 0 ? self[keyPath: share] : .nan
    }
}

extension LabelledUnits {
    /// The scores of utterances, each as often as `times` says.
    /// - Parameters:
    ///   - silence: labels of silence.
    ///   - times: for each utterance; nil for every one once.
    public func scores(silence: Set<String>, times: [Int]? = nil) -> UnitScores {
        var counts = JointCounts(phones: phones.count, units: table.count)
        var (boundaries, merged) = (BoundaryScores(), BoundaryScores())
        var frames = Array(repeating: 0, count: table.count)
        var runs = frames
        var seconds = 0.0
        for (index, utterance) in utterances.enumerated() {
            let times = times?[index] ?? 1
            guard times > 0 else { continue }
            counts.add(utterance.part, times: times)
            boundaries.add(utterance.boundaries, times: times)
            merged.add(utterance.mergedBoundaries, times: times)
            seconds += Double(times) * utterance.seconds
            for (unit, frameCount, runCount) in utterance.usage {
                frames[Int(unit)] += times * Int(frameCount)
                runs[Int(unit)] += times * Int(runCount)
            }
        }
        let (frameTotal, runTotal) = (frames.reduce(0, +), runs.reduce(0, +))
        let (usage, runUsage) = (SequenceCounts.Usage(frames), SequenceCounts.Usage(runs))
        func perSecond(_ bits: Double) -> Double { seconds > 0 ? bits / seconds : 0 }
        return UnitScores(
            phones: counts.scores(),
            phonesWithoutSilence: counts.scores(leavingOut: numbers(ofPhones: silence)),
            boundaries: boundaries, mergedBoundaries: merged, usage: usage, frames: frameTotal,
            runs: runTotal,
            bitrate: perSecond(Double(frameTotal) * usage.entropy),
            runBitrate: perSecond(Double(runTotal) * runUsage.entropy),
            meanRun: runTotal > 0 ? Double(frameTotal) / Double(runTotal) : 0)
    }
}
