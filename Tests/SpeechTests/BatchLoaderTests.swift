import Foundation
import Speech
import TestSupport
import Testing

@Suite struct BatchLoaderTests {
    let folder: TemporaryFolder
    let utterances: [Utterance]
    let limits = BatchLimits(maxSampleSize: 2000, minSampleSize: 600, maxSamples: 6000)

    init() throws {
        folder = try TemporaryFolder()
        for index in 10..<30 {
            _ = try folder.write(
                wave(ramp(index * 200 % 3300 + 500, from: index * 1000)), to: "d/\(index).wav")
        }
        utterances = try UtteranceList(["\(folder.path)/d"], sampleRate: 16000).utterances
    }

    func plan(_ order: BatchPlan.Order = .shuffled(seed: 1)) throws -> BatchPlan {
        try BatchPlan(utterances, limits: limits, order: order)
    }

    func store(limit: Int = 512 << 20) -> WaveformStore {
        WaveformStore(sampleRate: 16000, limit: limit)
    }

    func take(_ count: Int, from loader: BatchLoader) throws -> [Batch] {
        try (0..<count).map { _ in try #require(try loader.next()) }
    }

    @Test func rowsAreTheCropsOfThePlan() throws {
        let plan = try plan()
        let loader = try BatchLoader(plan, store: store())
        for planned in plan.batches(epoch: 0) + plan.batches(epoch: 1) {
            let batch = try #require(try loader.next())
            #expect(batch.position == planned.position)
            #expect(batch.ids == planned.utterances.map(\.id))
            #expect(batch.paths == planned.utterances.map(\.path))
            #expect(batch.cropStarts == planned.cropStarts)
            #expect(batch.waveforms.count == batch.batchSize * batch.samples)
            for (row, path) in batch.paths.enumerated() {
                let samples = try AudioFile.read(path, sampleRate: 16000).samples
                let start = batch.cropStarts[row]
                let crop = batch.waveforms[row * batch.samples..<(row + 1) * batch.samples]
                #expect(Array(crop) == Array(samples[start..<start + batch.samples]))
            }
        }
    }

    /// Zeros stand behind the end of a row that is filled up; levels are those of whole recordings.
    @Test func rowsAreFilledUp() throws {
        var limits = limits
        limits.pads = true
        let plan = try BatchPlan(utterances, limits: limits, order: .shuffled(seed: 1))
        let store = WaveformStore(sampleRate: 16000, measuresLevels: true)
        let loader = try BatchLoader(plan, store: store, epochs: 2)
        var filled = 0
        while let batch = try loader.next() {
            for (row, path) in batch.paths.enumerated() {
                let samples = try AudioFile.read(path, sampleRate: 16000).samples
                let (start, length) = (batch.cropStarts[row], batch.lengths[row])
                let values = Array(batch.waveforms[row * batch.samples..<(row + 1) * batch.samples])
                #expect(Array(values[..<length]) == Array(samples[start..<start + length]))
                #expect(values[length...].allSatisfy { $0 == 0 })
                #expect(length == min(samples.count, 2000))
                filled += batch.samples - length
                let mean = samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count)
                let square = samples.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(samples.count)
                #expect(abs(batch.levels[row].mean - mean) < 1e-12)
                #expect(abs(batch.levels[row].variance - (square - mean * mean)) < 1e-9)
            }
        }
        #expect(filled > 0)
    }

    /// Timing, memory and read-ahead have no influence.
    @Test func batchesDoNotDependOnHowTheyAreLoaded() throws {
        let plan = try plan()
        let count = 2 * plan.batchesPerEpoch + 1
        let first = try take(count, from: BatchLoader(plan, store: store()))
        for (prefetch, limit) in [(0, 0), (1, 20000), (10, 512 << 20), (-1, 0)] {
            let loader = try BatchLoader(plan, store: store(limit: limit), prefetch: prefetch)
            #expect(try take(count, from: loader) == first)
        }
    }

    @Test(arguments: [0, 1, 4, 9]) func resumingGoesOnExactly(stop: Int) throws {
        let plan = try plan()
        let whole = try take(stop + 8, from: BatchLoader(plan, store: store()))
        let loader = try BatchLoader(plan, store: store())
        _ = try take(stop, from: loader)
        let resumed = try BatchLoader(self.plan(), store: store(), from: loader.position)
        #expect(try take(8, from: resumed) == Array(whole[stop...]))
    }

    @Test func epochsEnd() throws {
        let plan = try plan(.fixed)
        let loader = try BatchLoader(plan, store: store(), epochs: 2)
        let batches = try take(2 * plan.batchesPerEpoch, from: loader)
        #expect(batches.last?.position == BatchPosition(epoch: 1, batch: plan.batchesPerEpoch - 1))
        #expect(try loader.next() == nil)
        #expect(try loader.next() == nil)
        #expect(loader.position == BatchPosition(epoch: 2, batch: 0))

        let later = try BatchLoader(plan, store: store(), from: BatchPosition(epoch: 7, batch: 1), epochs: 1)
        _ = try take(plan.batchesPerEpoch - 1, from: later)
        #expect(try later.next() == nil)
    }

    @Test func recordingsStayInMemoryUpToTheLimit() throws {
        let plan = try plan()
        let bytes = plan.utterances.map(\.samples).reduce(0, +) * 4
        let store = store()
        let half = self.store(limit: bytes / 2)
        for store in [store, half] {
            _ = try take(plan.batchesPerEpoch, from: BatchLoader(plan, store: store, epochs: 1))
        }
        #expect(store.keptBytes == bytes)
        #expect((bytes / 4...bytes / 2).contains(half.keptBytes))
        // Nothing is read again: the files may go.
        try FileManager.default.removeItem(atPath: "\(folder.path)/d")
        _ = try take(plan.batchesPerEpoch, from: BatchLoader(plan, store: store))
        let rest = message { try take(plan.batchesPerEpoch, from: BatchLoader(plan, store: half)) }
        #expect(rest.hasSuffix(": no such file"))
    }

    @Test func badRecordingIsNamedEveryTime() throws {
        let plan = try plan(.fixed)
        let bad = plan.batches(epoch: 0)[1].utterances[0].path
        try Data("no sound".utf8).write(to: URL(fileURLWithPath: bad))
        let loader = try BatchLoader(plan, store: store())
        _ = try take(1, from: loader)
        for _ in 0..<2 {
            #expect(
                message { try loader.next() }
                    == "\(bad): is not audio (WAV, FLAC, Ogg or MP3), or its beginning is damaged; leave it out or fetch it again"
            )
            #expect(loader.position == BatchPosition(epoch: 0, batch: 1))
        }
    }

    @Test func wrongManifestIsNamed() throws {
        _ = try folder.write(wave(ramp(1500)), to: "m/a.wav")
        let manifest = try folder.write("\(folder.path)/m\na.wav\t2000\n", to: "m.tsv")
        let list = try UtteranceList([manifest], sampleRate: 16000)
        let loader = try BatchLoader(
            BatchPlan(list.utterances, limits: limits, order: .fixed), store: store())
        #expect(
            message { try loader.next() }
                == "\(folder.path)/m/a.wav: has 1500 samples, not the 2000 of its manifest: make the manifest anew "
                + "(or the file changed meanwhile)")
    }

    @Test func silentRecordingsAreTold() throws {
        let silent = try folder.write(wave([Int16](repeating: 0, count: 1000)), to: "s/a.wav")
        _ = try folder.write(wave(ramp(1000)), to: "s/b.wav")
        let opposite = ramp(1000).flatMap { [$0, -$0] }
        let cancelled = try folder.write(wave(opposite, channels: 2), to: "s/c.wav")
        let list = try UtteranceList(["\(folder.path)/s"], sampleRate: 16000)
        let loader = try BatchLoader(
            BatchPlan(list.utterances, limits: limits, order: .fixed), store: store())
        let recordings = try #require(try loader.next()).silent
        #expect(recordings.map(\.path) == [silent, cancelled])
        #expect(recordings.map(\.silence) == [.nothingRecorded, .channelsCancel])
    }

    @Test func positionOfOtherDataIsRefused() throws {
        let plan = try plan()
        for position in [
            BatchPosition(epoch: 0, batch: plan.batchesPerEpoch), BatchPosition(epoch: -1, batch: 0),
            BatchPosition(epoch: 0, batch: -1), BatchPosition(epoch: .max, batch: 0),
        ] {
            let line = message { try BatchLoader(plan, store: store(), from: position) }
            #expect(line.hasPrefix("cannot go on at batch \(position.batch) of epoch \(position.epoch): "))
        }
    }

    /// Several consumers share the batches: none is lost or delivered twice.
    @Test func loadersMayBeSharedAmongThreads() async throws {
        let plan = try plan()
        let loader = try BatchLoader(plan, store: store(), epochs: 5)
        let positions = try await withThrowingTaskGroup(of: [BatchPosition].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var positions: [BatchPosition] = []
                    while let batch = try loader.next() { positions.append(batch.position) }
                    return positions
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let expected = (0..<5).flatMap { epoch in
            (0..<plan.batchesPerEpoch).map { BatchPosition(epoch: epoch, batch: $0) }
        }
        #expect(positions.sorted { ($0.epoch, $0.batch) < ($1.epoch, $1.batch) } == expected)
    }

    @Test func abandonedLoadersDoNoHarm() throws {
        for _ in 0..<50 { _ = try BatchLoader(plan(), store: store(limit: 0), prefetch: 20).next() }
    }
}
