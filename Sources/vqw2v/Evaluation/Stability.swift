import Evaluation
import Foundation
import Speech
import TensorFiles
import Tensors
import VQWav2Vec

/// The share of ids that change where the recording does, and what is said in it does not.
struct Stability: FigureGroup {
    /// A change of a recording.
    enum Change: String, CaseIterable {
        case louder, softer, shifted, noisy, resampled

        var label: String {
            switch self {
            case .louder: "gain +6 dB"
            case .softer: "gain −6 dB"
            case .shifted: "shifted by a frame"
            case .noisy: "noise at 40 dB"
            case .resampled: "another rate and back"
            }
        }
    }

    /// Ids, and frames with their units, which are all ids of a frame together.
    private struct Counts {
        var (changedIDs, ids, changedFrames, frames) = (0, 0, 0, 0)
        var ofIDs: Double { Double(changedIDs) / Double(ids) }
        var ofUnits: Double { Double(changedFrames) / Double(frames) }
        /// A unit is one id.
        var isPlain: Bool { ids == frames }
    }

    private var counts: [Change: Counts] = [:]
    /// Of the recordings that were changed.
    private(set) var seconds = 0.0
    /// Seconds that are enough.
    static let enough = 600.0

    /// What was counted, as processes tell each other.
    var sums: [Int] {
        Change.allCases.flatMap { change in
            let known = counts[change] ?? Counts()
            return [known.changedIDs, known.ids, known.changedFrames, known.frames]
        }
    }

    /// Adds what another process has counted.
    mutating func add(sums: [Int]) {
        for (index, change) in Change.allCases.enumerated() {
            counts[change, default: Counts()].changedIDs += sums[4 * index]
            counts[change, default: Counts()].ids += sums[4 * index + 1]
            counts[change, default: Counts()].changedFrames += sums[4 * index + 2]
            counts[change, default: Counts()].frames += sums[4 * index + 3]
        }
    }

    /// Takes note of a recording that was changed, here or by another process.
    mutating func add(seconds more: Double) { seconds += more }

    /// Changes a recording in every way and tokenizes it again.
    /// - Parameters:
    ///   - ids: [T, G], of the recording as it is.
    ///   - hop: samples from a frame to the next.
    ///   - number: of the recording, for its noise.
    /// - Throws: what `quantize` throws, `AudioError`.
    mutating func add(
        _ samples: [Float], sampleRate: Int, ids: [Int32], groups: Int, hop: Int, number: Int,
        quantize: ([Float]) throws -> [Int32]
    ) throws {
        for change in Change.allCases {
            let changed = try Self.apply(
                change, to: samples, sampleRate: sampleRate, hop: hop, number: number)
            let offset = change == .shifted ? groups : 0
            guard ids.count > offset else { continue }
            let others = try quantize(changed)
            var known = counts[change] ?? Counts()
            let frames = min(ids.count - offset, others.count) / groups
            for frame in 0..<frames {
                let place = frame * groups
                let changed = (place..<place + groups).count { ids[offset + $0] != others[$0] }
                known.changedIDs += changed
                known.changedFrames += changed > 0 ? 1 : 0
            }
            known.ids += frames * groups
            known.frames += frames
            counts[change] = known
        }
    }

    private static func apply(
        _ change: Change, to samples: [Float], sampleRate: Int, hop: Int, number: Int
    ) throws -> [Float] {
        switch change {
        // 6.02 dB.
        case .louder: return samples.map { 2 * $0 }
        case .softer: return samples.map { 0.5 * $0 }
        case .shifted: return Array(samples.dropFirst(hop))
        case .noisy:
            let power = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
            let deviation = Float(power.squareRoot() / 100)
            var stream = RandomStream(seed: 0, purpose: .addedNoise, item: number)
            return samples.map { $0 + deviation * stream.nextNormal() }
        case .resampled:
            let other = sampleRate * 441 / 320
            let there = try Resampler.convert(samples, from: sampleRate, to: other, path: "a recording")
            return try Resampler.convert(there, from: other, to: sampleRate, path: "a recording")
        }
    }

    /// Those that were counted.
    private var known: [(change: Change, counts: Counts)] {
        Change.allCases.compactMap { change in
            counts[change].flatMap { $0.frames > 0 ? (change, $0) : nil }
        }
    }

    var json: JSONValue {
        func shares(_ share: (Counts) -> Double) -> [(String, JSONValue)] {
            known.map { ($0.change.rawValue, .number(share($0.counts))) }
        }
        return .object(
            [("seconds", .number(seconds))] + shares(\.ofIDs) + [("units", .object(shares(\.ofUnits)))])
    }

    var lines: [(label: String, value: String)] {
        known.map { change, counts in
            let units = counts.isPlain ? "" : ", units \(decimal(100 * counts.ofUnits, 1))"
            return ("ids that change, \(change.label), %", decimal(100 * counts.ofIDs, 1) + units)
        }
    }
}

extension RandomStream.Purpose {
    static let addedNoise = RandomStream.Purpose(23)
}
