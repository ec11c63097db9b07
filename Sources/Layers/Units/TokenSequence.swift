/// The ids of a recording, one per group for each frame.
public struct TokenSequence: Equatable, Sendable {
    /// [T, G] in row-major order.
    public let ids: [Int32]
    /// G.
    public let groups: Int

    package init(ids: [Int32], groups: Int) { (self.ids, self.groups) = (ids, groups) }

    /// T.
    public var frames: Int { ids.count / groups }

    /// The ids of a frame, one per group.
    public subscript(frame: Int) -> ArraySlice<Int32> { ids[frame * groups..<(frame + 1) * groups] }
}

extension TokenSequence {
    /// The pieces in which fairseq's featurizer (`vq-wav2vec_featurize.py`, `--max-size`) takes a long recording:
    /// the fewest, of equal length but for the last, whose average is not longer than asked for.
    /// - Parameters:
    ///   - samples: of the recording.
    ///   - longest: samples of a piece, at least 1. A piece can be one sample longer.
    public static func pieces(of samples: Int, longest: Int) -> [Range<Int>] {
        guard samples > longest, longest > 0 else { return [0..<samples] }
        // The least d with ⌊samples / d⌋ ≤ longest.
        let divisor = samples / (longest + 1) + 1
        let length = (samples + divisor - 1) / divisor
        return stride(from: 0, to: samples, by: length).map { $0..<min(samples, $0 + length) }
    }

    /// The tokens of all pieces of a recording, one after the other. Pieces do not overlap, so there are fewer
    /// frames than in the whole.
    /// - Parameters:
    ///   - samples: of the recording.
    ///   - quantize: the tokens of a piece.
    public init(
        of samples: Int, longest: Int, quantize: (Range<Int>) throws -> TokenSequence
    ) rethrows {
        let tokens = try Self.pieces(of: samples, longest: longest).map(quantize)
        self.init(ids: tokens.flatMap(\.ids), groups: tokens.first?.groups ?? 1)
    }
}
