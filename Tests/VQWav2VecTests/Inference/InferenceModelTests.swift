import Autodiff
import Foundation
import Layers
import Tensors
import TestSupport
import Testing
import VQWav2Vec

@Suite(.serialized) struct InferenceModelTests {
    /// Features and ids are those of the training's forward pass, but for rounding.
    @Test(arguments: InferenceCase.all)
    func equalsForwardPass(_ test: InferenceCase) throws {
        let model = try test.model()
        let inference = InferenceModel(model)
        let tape = Tape(recording: false)
        let source = Tensor(test.waveform, shape: [1, test.samples])
        let expected = model.encode(source)
        let z = try inference.encode(test.waveform)
        #expect(z.shape == expected.shape)
        try #require(z.count == expected.count)
        let scale = expected.values.reduce(0) { max($0, abs($1)) }
        let error = zip(z.values, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(error <= 1e-5 * scale, "off by \(error) of \(scale)")

        guard let quantizer = model.quantizer else {
            #expect(throws: ModelError.noQuantizer) { try inference.quantize(test.waveform) }
            return
        }
        let noise = StepNoise(training: false, items: [0])
        let input =
            test.configuration.quantizesContext
            ? model.aggregator(.constant(expected), on: tape, noise: noise) : .constant(expected)
        let ids = quantizer.quantize(
            input, temperature: 1, losses: QuantizerLosses(),
            noise: noise, on: tape
        ).ids
        let tokens = try inference.quantize(test.waveform)
        #expect(tokens.groups == quantizer.groups)
        #expect(tokens.ids.count == ids.count)
        // Two codewords may be so close to each other that rounding decides.
        let different = zip(tokens.ids, ids).count { $0 != $1 }
        #expect(different * 1000 <= ids.count, "\(different) of \(ids.count) ids differ")
        #expect(Set(tokens.ids).count > 1 || expected.shape[1] == 1)
    }

    /// The same bits for any number of threads, and where the layers are kept in files.
    @Test(arguments: InferenceCase.all)
    func dependsOnNeitherThreadsNorMemory(_ test: InferenceCase) throws {
        let model = try test.model()
        let before = Parallel.threads
        defer { Parallel.threads = before }
        func results(threads: Int, memoryLimit: Int) throws -> ([UInt32], [Int32]) {
            Parallel.threads = threads
            let inference = InferenceModel(
                model, memoryLimit: memoryLimit, temporaryFolder: NSTemporaryDirectory())
            let ids = model.quantizer == nil ? [] : try inference.quantize(test.waveform).ids
            return (try inference.encode(test.waveform).values.map(\.bitPattern), ids)
        }
        let expected = try results(threads: 1, memoryLimit: .max)
        // Nothing fits; the large layers do not.
        for (threads, limit) in [(1, 0), (2, .max), (3, 0), (2, 100_000)] {
            let isSame = try results(threads: threads, memoryLimit: limit) == expected
            #expect(isSame, "\(threads) threads, \(limit) bytes")
        }
    }

    /// In bf16 z is near that of float32, and the same bits for any number of threads and in files.
    @Test func roundsItsProducts() throws {
        BFloat16.instructions = BFloat16.instructions ?? .emulated
        let test = InferenceCase("wide", [[32, 10, 5], [32, 8, 4], [32, 1, 1], [48, 3, 2]]) { _ in }
        let model = try test.model()
        let before = Parallel.threads
        defer { Parallel.threads = before }
        func encode(_ precision: Precision, threads: Int = 2, memoryLimit: Int = .max) throws -> [Float] {
            Parallel.threads = threads
            return try InferenceModel(
                model, precision: precision, memoryLimit: memoryLimit, temporaryFolder: NSTemporaryDirectory()
            ).encode(test.waveform).values
        }
        let (exact, rounded) = try (encode(.float32), encode(.bf16))
        let error = zip(rounded, exact).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        let size = exact.reduce(0.0) { $0 + Double($1 * $1) }
        let relative = (error / size).squareRoot()
        #expect(relative > 1e-4 && relative < 0.03, "\(relative)")
        for (threads, limit) in [(1, 0), (3, Int.max)] {
            let isSame = try encode(.bf16, threads: threads, memoryLimit: limit) == rounded
            #expect(isSame, "\(threads) threads, \(limit) bytes")
        }
    }

    /// Shared by tasks that run at once, in memory and in files.
    @Test(arguments: [0, 1], [Int.max, 0]) func sharedByTasks(_ index: Int, memoryLimit: Int) async throws {
        let test = InferenceCase.all[index]
        let inference = InferenceModel(
            try test.model(), memoryLimit: memoryLimit, temporaryFolder: NSTemporaryDirectory())
        let waveforms = (0..<8).map { item in
            normal(test.samples - 500 * item, item: 20 + item).map { 0.1 * $0 }
        }
        let expected = try waveforms.map { try inference.quantize($0) }
        let results = try await withThrowingTaskGroup(of: (Int, TokenSequence).self) { tasks in
            for (item, waveform) in waveforms.enumerated() {
                tasks.addTask { (item, try inference.quantize(waveform)) }
            }
            return try await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(waveforms.indices.map { results[$0] } == expected)
        #expect(Set(expected.map(\.ids)).count == waveforms.count)
    }

    /// A waveform that is itself in a file.
    @Test(arguments: [0, 6]) func waveformInFile(_ index: Int) throws {
        let test = InferenceCase.all[index]
        let inference = InferenceModel(try test.model())
        let waveform = test.waveform
        let store = try FrameStore(
            frames: test.samples, channels: 1, spillFolder: NSTemporaryDirectory())
        _ = try store.fill { rows, output in
            for row in rows { output[row - rows.lowerBound] = waveform[row] }
        }
        #expect(try inference.quantize(store) == inference.quantize(waveform))
    }

    @Test func modelQuantizesAlike() throws {
        let test = InferenceCase.all[0]
        let model = try test.model()
        let inference = InferenceModel(model)
        #expect(try model.quantize(test.waveform) == inference.quantize(test.waveform))
    }

    @Test func tooShort() throws {
        let inference = InferenceModel(try InferenceCase.all[0].model())
        // Kernels 10, 8 and 4, strides 5, 4 and 2.
        #expect(throws: ModelError.tooShort(samples: 104, needed: 105)) {
            try inference.encode([Float](repeating: 0.1, count: 104))
        }
        #expect(try inference.quantize([Float](repeating: 0.1, count: 105)).frames == 1)
    }

    /// Samples that float32 cannot hold through the layers, or that are no numbers, have no ids, wherever they
    /// are.
    @Test(arguments: [0, 1, 3], [3e38, -3e38, .infinity, .nan] as [Float])
    func notFinite(_ index: Int, value: Float) throws {
        let test = InferenceCase.all[index]
        let inference = InferenceModel(try test.model())
        for place in [0, 9000, test.samples - 20] {
            var waveform = test.waveform
            waveform[place] = value
            #expect(throws: ModelError.notFinite) { try inference.quantize(waveform) }
        }
    }

    /// Refused before any work is done, in one line that names the folder and the remedy.
    @Test func noTemporaryFiles() throws {
        let inference = InferenceModel(
            try InferenceCase.all[0].model(), memoryLimit: 0, temporaryFolder: "/no/such/folder")
        let error = #expect(throws: SpillError.self) {
            try inference.quantize([Float](repeating: 0.1, count: 1000))
        }
        #expect(error?.description.contains("/no/such/folder") == true)
    }

    @Test func leavesNoFiles() throws {
        let folder = try TemporaryFolder()
        let test = InferenceCase.all[0]
        _ = try InferenceModel(try test.model(), memoryLimit: 0, temporaryFolder: folder.path).quantize(
            test.waveform)
        #expect(try folder.names.isEmpty)
    }
}
