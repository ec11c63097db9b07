import Layers
import VQWav2Vec

extension CodebookUsage {
    /// Rows of the quantizer's codebook that no group has chosen.
    package func unusedRows(of quantizer: any Quantizer) -> [Int] {
        if quantizer.sharesCodebook {
            return (0..<variables).filter { row in
                (0..<groups).allSatisfy { counts[$0 * variables + row] == 0 }
            }
        }
        return counts.indices.filter { counts[$0] == 0 }
    }
}
