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
    /// - Parameter quantize: the tokens of a piece.
    public init(
        of waveform: [Float], longest: Int, quantize: ([Float]) throws -> TokenSequence
    ) rethrows {
        let pieces = Self.pieces(of: waveform.count, longest: longest)
        guard pieces.count > 1 else {
            self = try quantize(waveform)
            return
        }
        let tokens = try pieces.map { try quantize(Array(waveform[$0])) }
        self.init(ids: tokens.flatMap(\.ids), groups: tokens.first?.groups ?? 1)
    }
}
