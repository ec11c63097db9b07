import Foundation
import Layers
import OperationSupport
import Tensors
import Testing

@Suite struct SpillFileTests {
    static let block = SpillFile.directBlock / 4

    /// Of a disk, and of a file system in memory where there is one.
    static let folders = [StoragePlan.temporaryFolder, "/dev/shm"].filter {
        FileManager.default.isWritableFile(atPath: $0)
    }

    /// Whether a folder takes transfers past the page cache at all.
    static func allowsDirect(_ folder: String) -> Bool {
        let descriptor = open(folder, O_RDWR | __O_TMPFILE | __O_DIRECT, 0o600)
        if descriptor >= 0 { close(descriptor) }
        return descriptor >= 0
    }

    /// Floats of a file of four blocks and a part of one, and their ranges of a block each.
    static let count = 4 * block + 77
    static let blocks = (0..<5).map { $0 * block..<min(count, ($0 + 1) * block) }

    /// What is written is read back, wherever a range begins and ends, buffered and direct.
    @Test(arguments: folders, [nil, SpillFile.directBlock])
    func anyRange(_ folder: String, block: Int?) throws {
        let file = try SpillFile(folder: folder, count: Self.count, block: block)
        #expect(file.isDirect == (block != nil && Self.allowsDirect(folder)))
        let x = Tensor.random([Self.count], 1).values
        // Not in order.
        for range in Self.blocks.reversed() {
            try file.write(range) { _ = buffer($0, range).update(fromContentsOf: x[range]) }
        }
        let edges = [0, 1, 7, 1023, 1024, 1025, 2048, 4095, 4096, 4097, Self.count - 1, Self.count]
        for lower in edges {
            for upper in edges where upper > lower {
                let values = try file.read(lower..<upper) { Array(buffer($0, lower..<upper)) }
                #expect(values == Array(x[lower..<upper]), "\(lower)..<\(upper)")
            }
        }
        #expect(file.isDirect == (block != nil && Self.allowsDirect(folder)))
    }

    /// Disks refuse direct transfers of parts of a block; such a file is buffered from then on.
    @Test(arguments: folders) func refusedTransfers(_ folder: String) throws {
        let file = try SpillFile(folder: folder, count: 3000, block: 4)
        let x = Tensor.random([3000], 2).values
        for range in [0..<1001, 1001..<1003, 1003..<3000] {
            try file.write(range) { _ = buffer($0, range).update(fromContentsOf: x[range]) }
        }
        for range in [0..<3000, 999..<1004, 2999..<3000] {
            #expect(try file.read(range) { Array(buffer($0, range)) } == Array(x[range]))
        }
    }

    /// What was never written cannot be read; the error of who writes comes through, and nothing is written.
    @Test(arguments: folders, [nil, SpillFile.directBlock])
    func errors(_ folder: String, block: Int?) throws {
        struct Stop: Error {}
        let file = try SpillFile(folder: folder, count: Self.count, block: block)
        #expect(throws: Stop.self) { try file.write(Self.blocks[0]) { _ in throw Stop() } }
        let error = #expect(throws: SpillError.self) { try file.read(0..<1) { _ in } }
        #expect(error?.description.contains(folder) == true)
        try file.write(Self.blocks[0]) { $0.update(repeating: 3, count: Self.block) }
        #expect(try file.read(Self.block - 1..<Self.block) { $0[0] } == 3)
        #expect(throws: SpillError.self) { try file.read(Self.block - 1..<Self.block + 1) { _ in } }
    }

    private func buffer(
        _ base: UnsafeMutablePointer<Float>, _ range: Range<Int>
    ) -> UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: base, count: range.count) }

    private func buffer(
        _ base: UnsafePointer<Float>, _ range: Range<Int>
    ) -> UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: base, count: range.count) }
}
