/// How a container writes its chunks: a tag, the size of the content, the content.
struct ChunkLayout {
    let first: Int
    var tagBytes = 4
    var sizeBytes: Int
    var bigEndian = true
    /// Whether sizes are those of the whole chunks.
    var sizeCountsHeader = false
    /// At whose multiples chunks begin.
    var alignment: Int
    /// What the tag of the samples begins with.
    let samples: [UInt8]

    init(first: Int, sizeBytes: Int = 4, alignment: Int = 2, samples: [UInt8]) {
        (self.first, self.samples) = (first, samples)
        (self.sizeBytes, self.alignment) = (sizeBytes, alignment)
    }

    func samples(_ window: FileWindow) -> SampleExtent? {
        var position = first
        while let size = window.integer(at: position + tagBytes, bytes: sizeBytes, bigEndian: bigEndian) {
            let start = position + tagBytes + sizeBytes
            let isUnknown = window.bytes(at: position + tagBytes, count: sizeBytes).allSatisfy { $0 == 0xFF }
            let length = sizeCountsHeader ? max(0, size - tagBytes - sizeBytes) : size
            if window.bytes(at: position, count: samples.count) == samples {
                return SampleExtent(start: start, count: isUnknown ? nil : length)
            }
            guard length <= window.count - start else { return nil }
            position = start + (length + alignment - 1) / alignment * alignment
        }
        return nil
    }
}
