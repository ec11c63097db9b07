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

    private var counts: [Change: (changed: Int, all: Int)] = [:]
    /// Of the recordings that were changed.
    private(set) var seconds = 0.0
    /// Seconds that are enough.
    static let enough = 600.0

    /// What was counted, as processes tell each other.
    var sums: [Int] { Change.allCases.flatMap { [counts[$0]?.changed ?? 0, counts[$0]?.all ?? 0] } }

    /// Adds what another process has counted.
    mutating func add(sums: [Int]) {
        for (index, change) in Change.allCases.enumerated() {
            let known = counts[change] ?? (0, 0)
            counts[change] = (known.changed + sums[2 * index], known.all + sums[2 * index + 1])
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
            let pairs = zip(ids.dropFirst(offset), others)
            let known = counts[change] ?? (0, 0)
            counts[change] = (
                known.changed + pairs.count { $0 != $1 }, known.all + min(ids.count - offset, others.count)
            )
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

    private func share(_ change: Change) -> Double? {
        counts[change].flatMap { $0.all > 0 ? Double($0.changed) / Double($0.all) : nil }
    }

    var json: JSONValue {
        .object(
            [("seconds", .number(seconds))]
                + Change.allCases.compactMap { change in share(change).map { (change.rawValue, .number($0)) }
                })
    }

    var lines: [(label: String, value: String)] {
        Change.allCases.compactMap { change in
            share(change).map { ("ids that change, \(change.label), %", decimal(100 * $0, 1)) }
        }
    }
}

extension RandomStream.Purpose {
    static let addedNoise = RandomStream.Purpose(23)
}
