import CZlib
import Files

/// The CRC-32 of every tensor of a file and of what its header says, kept as a string in the header's metadata.
///
/// The sum of the header is one of its meaning, not of its bytes, for other software may save the same again in
/// another order; where the tensors lie, the header's own rules fix. What the libraries of Hugging Face save again
/// under their mark may hold other values beside the old metadata: there the sums are passed over.
struct SafetensorsChecksums: Equatable {
    static let key = "crc32"
    /// The marks that those libraries write as `format`.
    private static let frameworks: Set = ["pt", "np", "tf", "flax", "mlx"]

    /// What a program writes that changes values and knows nothing of our checksums.
    static let mark = "format = pt"

    let header: UInt32
    /// By name.
    let tensors: [ByteString: UInt32]

    /// What is told of a tensor, and the sum of its bytes.
    typealias Tensor = (name: ByteString, dtype: SafetensorsType, shape: [Int], sum: UInt32)

    /// Of a file that is to be written.
    /// - Parameter metadata: without the sums.
    init(metadata: [String: String], tensors: [Tensor]) {
        header = Self.sum(metadata, tensors)
        self.tensors = Dictionary(tensors.map { ($0.name, $0.sum) }) { first, _ in first }
    }

    /// What a file's metadata say.
    /// - Throws: `SafetensorsProblem` where they fit neither the tensors nor the rest of the header.
    init?(metadata: [String: String], entries: [ByteString: SafetensorsFile.Entry]) throws {
        guard let text = metadata[Self.key], !Self.isSavedAgain(metadata) else { return nil }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        let sums = words.compactMap {
            $0.utf8.count == 8 && $0 == $0.lowercased() ? UInt32($0, radix: 16) : nil
        }
        guard sums.count == words.count, sums.count == 1 + entries.count else {
            throw SafetensorsProblem.damagedHeader("its checksums are not those of \(entries.count) tensors")
        }
        tensors = Dictionary(uniqueKeysWithValues: zip(entries.keys.sorted(), sums.dropFirst()))
        header = Self.sum(metadata, entries.map { ($0.key, $0.value.dtype, $0.value.shape, 0) })
        guard header == sums[0] else { throw SafetensorsProblem.wrongChecksum(tensor: nil) }
    }

    /// Whether a library of Hugging Face's wrote the file.
    static func isSavedAgain(_ metadata: [String: String]) -> Bool {
        metadata["format"].map { frameworks.contains($0) } ?? false
    }

    /// Eight hexadecimal digits for the header, then for each tensor in the order of their names' bytes.
    var text: String {
        ([header] + tensors.sorted { $0.key < $1.key }.map(\.value)).map { sum in
            let digits = String(sum, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined(separator: " ")
    }

    /// Of all that the header says.
    private static func sum(_ metadata: [String: String], _ tensors: [Tensor]) -> UInt32 {
        // No string of JSON's is cut by a byte that ends one here: lengths stand before them.
        var bytes: [UInt8] = []
        func add(_ text: some Collection<UInt8>) {
            bytes.append(little: UInt64(text.count))
            bytes.append(contentsOf: text)
        }
        for (key, value) in metadata.map({ (ByteString($0.key), $0.value) }).sorted(by: { $0.0 < $1.0 })
        where key != ByteString(Self.key) {
            add(key.bytes)
            add(value.utf8)
        }
        for tensor in tensors.sorted(by: { $0.name < $1.name }) {
            add(tensor.name.bytes)
            add(tensor.dtype.rawValue.utf8)
            for size in tensor.shape { bytes.append(little: UInt64(size)) }
        }
        return bytes.withUnsafeBytes { Self.sum(0, $0) }
    }

    /// Goes on with a sum, which begins with 0.
    static func sum(_ sum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(
            truncatingIfNeeded: crc32_z(UInt(sum), bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }
}
