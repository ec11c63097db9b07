import Layers
import Testing
import VQWav2Vec

@Suite struct PieceTests {
    /// As `while size // div > max_size: div += 1` and `torch.chunk` give them.
    @Test(arguments: [
        (10, 10, [10]), (10, 9, [5, 5]), (10, 5, [5, 5]), (11, 5, [6, 5]), (10, 4, [4, 4, 2]),
        (10, 1, [2, 2, 2, 2, 2]),
        (7, 2, [3, 3, 1]), (0, 5, [0]), (5, .max, [5]),
        (3_000_000, 1_300_000, [1_000_000, 1_000_000, 1_000_000]),
    ])
    func pieces(_ samples: Int, _ longest: Int, _ lengths: [Int]) {
        let pieces = TokenSequence.pieces(of: samples, longest: longest)
        #expect(pieces.map(\.count) == lengths)
        #expect(pieces.first?.lowerBound == 0 && pieces.last?.upperBound == samples)
        #expect(zip(pieces, pieces.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    }
}
