import Foundation
import Layers
import OperationSupport
import Tensors
import TestSupport
import Testing

@Suite struct FrameStoreTests {
    static let folders: [String?] = [nil, NSTemporaryDirectory()]

    /// What is written is read back, in any pieces, from memory and from a file; the moments are those of all
    /// values, the same bits from both places.
    @Test func keepsFrames() throws {
        let (frames, channels) = (1111, 6)
        let x = Tensor.random([frames, channels], 1)
        var sums: [[UInt64]] = []
        for folder in Self.folders {
            let store = try FrameStore(frames: frames, channels: channels, spillFolder: folder)
            let moments = try store.fill(groups: 2) { rows, output in
                output.update(from: x.pointer + rows.lowerBound * channels, count: rows.count * channels)
            }
            for rows in [0..<frames, 0..<1, 380..<390, 1000..<1111] {
                let piece = try store.read(rows) {
                    Array(UnsafeBufferPointer(start: $0, count: rows.count * channels))
                }
                #expect(
                    piece == Array(x.values[rows.lowerBound * channels..<rows.upperBound * channels]))
            }
            for group in 0..<2 {
                let values = x.doubles.enumerated().filter { $0.offset % channels / 3 == group }.map(
                    \.element)
                #expect(abs(moments[group].sum - values.reduce(0, +)) < 1e-9)
                #expect(abs(moments[group].squares - values.reduce(0) { $0 + $1 * $1 }) < 1e-9)
            }
            sums.append(moments.flatMap { [$0.sum.bitPattern, $0.squares.bitPattern] })
        }
        #expect(sums[0] == sums[1])
    }

    /// The same bits from memory, from a buffered file and from one that is direct where the tiles are whole
    /// blocks: written by several threads, read across the edges of tiles, and written over in place.
    @Test(arguments: SpillFileTests.folders, [(6077, 512), (1111, 1024), (3001, 77), (5000, 1), (99, 5)])
    func sameFromAnyPlace(_ folder: String, size: (frames: Int, channels: Int)) throws {
        let (frames, channels) = size
        let x = Tensor.random([frames, channels], 1)
        func results(_ store: FrameStore) throws -> [UInt64] {
            var results: [UInt64] = []
            for pass in 0..<2 {
                let moments = try store.fill { rows, output in
                    let count = rows.count * channels
                    if pass == 0 {
                        output.update(from: x.pointer + rows.lowerBound * channels, count: count)
                    } else {
                        try store.read(rows) { for index in 0..<count { output[index] = $0[index] * 3 } }
                    }
                }
                results += moments.flatMap { [$0.sum.bitPattern, $0.squares.bitPattern] }
                let edges = FrameTiles(frames: frames)[0].upperBound
                for rows in [
                    0..<1, 0..<frames, max(0, edges - 3)..<min(frames, edges + 2), frames - 1..<frames,
                ] {
                    results += try store.read(rows) {
                        UnsafeBufferPointer(start: $0, count: rows.count * channels).map {
                            UInt64($0.bitPattern)
                        }
                    }
                }
            }
            return results
        }
        let expected = try results(FrameStore(frames: frames, channels: channels, spillFolder: nil))
        for tilesOnly in [false, true] {
            let isSame =
                try results(
                    FrameStore(
                        frames: frames, channels: channels, spillFolder: folder, tilesOnly: tilesOnly))
                == expected
            #expect(isSame, "tiles only: \(tilesOnly)")
        }
    }

    /// Files are direct where all but the last tile are whole blocks, and nothing else will be written.
    @Test func directFiles() throws {
        let folder = StoragePlan.temporaryFolder
        let isDirect = SpillFileTests.allowsDirect(folder)
        func store(_ frames: Int, _ channels: Int, tilesOnly: Bool = true) throws -> Bool {
            try FrameStore(
                frames: frames, channels: channels, spillFolder: folder, tilesOnly: tilesOnly
            ).isDirect
        }
        #expect(try store(6077, 512) == isDirect)
        #expect(try store(6077, 513) == false)
        #expect(try store(6077, 512, tilesOnly: false) == false)
        // A single tile.
        #expect(try store(99, 5) == isDirect)
    }

    /// More than the pool keeps.
    @Test func keepsManyFrames() throws {
        let (frames, channels) = (1_100_000, 16)
        let store = try FrameStore(frames: frames, channels: channels, spillFolder: nil)
        for row in [0, 777_777, frames - 1] {
            try store.write(row..<row + 1) { $0.update(repeating: Float(row), count: channels) }
        }
        for row in [0, 777_777, frames - 1] {
            try store.read(row..<row + 1) { values in
                #expect((0..<channels).allSatisfy { values[$0] == Float(row) })
            }
        }
    }

    @Test func leavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        let store = try FrameStore(frames: 10, channels: 10, spillFolder: folder.path)
        _ = try store.fill { rows, output in output.update(repeating: 1, count: rows.count * 10) }
        #expect(try folder.names.isEmpty)
    }

    /// One line that names the folder and the remedy.
    @Test func missingFolder() {
        let error = #expect(throws: SpillError.self) {
            try FrameStore(frames: 1, channels: 1, spillFolder: "/no/such/folder")
        }
        #expect(error?.description.contains("/no/such/folder") == true)
        #expect(error?.description.contains("TMPDIR") == true)
    }

    /// The first error of a tile ends the work.
    @Test func errorsComeThrough() throws {
        struct Stop: Error {}
        let store = try FrameStore(frames: 5000, channels: 1, spillFolder: nil)
        #expect(throws: Stop.self) { try store.fill { _, _ in throw Stop() } }
    }
}

@Suite struct StoragePlanTests {
    private func plan(_ sizes: [Int?], limit: Int) throws -> [Bool] {
        try StoragePlan(sizes: sizes, memoryLimit: limit, folder: NSTemporaryDirectory()).spillFolders.map {
            $0 != nil
        }
    }

    /// Two layers at a time count; a layer that takes the place of another needs no room, and goes on living
    /// with the layer after it.
    @Test func twoLayersAtATime() throws {
        #expect(try plan([60, 40, 60], limit: 100) == [false, false, false])
        #expect(try plan([60, 41, 60], limit: 100) == [false, true, false])
        #expect(try plan([101, 50, 50, 51], limit: 100) == [true, false, false, true])
        #expect(try plan([60, nil, nil, 50], limit: 100) == [false, false, false, true])
        #expect(try plan([101, nil, 90], limit: 100) == [true, true, false])
        #expect(try plan([0, 10], limit: 0) == [false, true])
    }

    /// Before any work is done: one line that tells folder, need and remedy.
    @Test func noRoom() {
        let folder = NSTemporaryDirectory()
        let error = #expect(throws: SpillError.self) {
            try StoragePlan(sizes: [10, 1 << 60], memoryLimit: 1 << 20, folder: folder)
        }
        #expect(error?.description.contains("1152921504.6 GB") == true)
        #expect(error?.description.contains(folder) == true)
        #expect(error?.description.contains("TMPDIR") == true)
        #expect(throws: SpillError.self) {
            try StoragePlan(sizes: [10], memoryLimit: 0, folder: "/no/such/folder")
        }
        #expect(throws: Never.self) {
            try StoragePlan(sizes: [10], memoryLimit: 10, folder: "/no/such/folder")
        }
    }
}
