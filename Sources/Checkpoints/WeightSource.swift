import Fairseq
import Files
import TensorFiles

/// A file that has tensors by fairseq's names and in fairseq's layouts.
protocol WeightSource: Sendable {
    /// In the order of the file.
    var names: [String] { get }
    /// Begins to compute the SHA-256 of the file that was opened.
    func hash() -> FileHash
    func contains(_ name: String) -> Bool
    func shape(of name: String) throws -> [Int]
    /// Writes all elements, row-major.
    /// - Parameter target: as many elements as the shape says.
    func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws
}

extension FairseqCheckpoint: WeightSource {}

extension SafetensorsFile: WeightSource {
    func shape(of name: String) throws -> [Int] { try entry(name).shape }
}
