import Foundation

/// How the codebooks are used over a set of tokenized files.
public struct TokenStatistics: Sendable {
    public private(set) var files = 0
    public private(set) var samples = 0
    public private(set) var frames = 0
    /// Seconds of audio.
    public private(set) var audioSeconds = 0.0
    /// Distinct combinations of ids, all groups together.
    public private(set) var combinations = 0

    /// Per group: how often each id occurred.
    private var counts: [[Int32: Int]] = []
    /// The combinations seen, as a tree: one edge per id of a combination, numbered as it was first seen.
    private var edges: [Edge: Int] = [:]

    private struct Edge: Hashable {
        /// Number of the edge of the group before; -1 for the first group.
        let parent: Int
        let id: Int32
    }

    public init() {}

    public mutating func add(_ utterance: TokenizedUtterance) {
        files += 1
        samples += utterance.samples
        frames += utterance.frames
        if utterance.sampleRate > 0 {
            audioSeconds += Double(utterance.samples) / Double(utterance.sampleRate)
        }
        while counts.count < utterance.groups { counts.append([:]) }

        var (group, parent) = (0, -1)
        for id in utterance.ids {
            counts[group][id, default: 0] += 1
            let edge = Edge(parent: parent, id: id)
            let isLast = group == utterance.groups - 1
            if let known = edges[edge] {
                parent = known
            } else {
                parent = edges.count
                edges[edge] = parent
                if isLast { combinations += 1 }
            }
            if isLast {
                (group, parent) = (0, -1)
            } else {
                group += 1
            }
        }
    }

    /// Distinct ids, per group.
    public var distinctCodes: [Int] { counts.map(\.count) }

    /// Per group exp(−Σ p ln p) of the frequencies p of its ids: 1 when there is a single id, the number of
    /// ids when all are equally frequent.
    public var perplexities: [Double] {
        counts.map { counts in
            // In the order of size: the sum must not depend on the order of a dictionary.
            let sizes = counts.values.sorted().map(Double.init)
            let total = sizes.reduce(0, +)
            return exp(-sizes.reduce(0) { $0 + $1 / total * log($1 / total) })
        }
    }
}
