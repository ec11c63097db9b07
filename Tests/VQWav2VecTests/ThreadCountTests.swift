import Autodiff
import Foundation
import Layers
import OperationSupport
import Synchronization
import Tensors
import Testing
import VQWav2Vec

/// Results are the same bits for any number of threads: work is cut by the size of the problem alone.
@Suite(.serialized) struct ThreadCountTests {
    struct Operation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Bits of all results.
        let run: @Sendable () -> [[UInt32]]

        /// - Parameter apply: an operation on inputs of these shapes, all sizes such that there are several tiles.
        init(
            _ name: String, _ shapes: [[Int]], precision: Precision = .float32,
            _ apply: @escaping @Sendable (Tape, [Variable]) -> Variable
        ) {
            testDescription = name
            run = {
                let passes = Passes(
                    shapes.enumerated().map { Tensor.random($1, $0) }, precision: precision, apply)
                return ([passes.output] + passes.gradients.compactMap(\.self)).map(bits)
            }
        }

        init(_ name: String, run: @escaping @Sendable () -> [[UInt32]]) {
            (testDescription, self.run) = (name, run)
        }
    }

    static let operations: [Operation] = [
        Operation("convolve", [[2, 1500, 16], [400, 4, 16], [400]]) {
            $0.convolve($1[0], weight: $1[1], bias: $1[2], stride: 2)
        },
        Operation("convolve a waveform", [[2, 50_000, 1], [16, 10, 1]]) {
            $0.convolve($1[0], weight: $1[1], stride: 5)
        },
        Operation("convolve, bilinear", [[2, 1500, 40], [48, 7, 40], [48]]) {
            $0.convolve($1[0], weight: $1[1], bias: $1[2], stride: 1)
        },
        Operation("convolve through a waveform block", [[48, 10, 1], [48, 8, 48], [48], [48]]) {
            let block = WaveformBlock(
                weight: $1[0], normWeight: $1[2], normBias: $1[3], activation: .gelu, stride: 5)
            return $0.convolve(.random([2, 50_000], 9), through: block, weight: $1[1], stride: 4) ?? $1[0]
        },
        Operation("convolve through a waveform block in two parts", [[48, 10, 1], [48, 3, 48]]) {
            let block = WaveformBlock(
                weight: $1[0], normWeight: nil, normBias: nil, groups: 48, activation: .gelu, stride: 5)
            return $0.convolve(.random([2, 50_000], 9), through: block, weight: $1[1], stride: 2) ?? $1[0]
        },
        Operation("groupedConvolution", [[2, 300, 48], [3, 128, 16, 16], [48]]) {
            $0.groupedConvolution($1[0], weight: $1[1], bias: $1[2])
        },
        Operation("attention", [[2, 700, 24], [2, 700, 24], [2, 700, 24]]) {
            $0.attention(
                $1[0], $1[1], $1[2], heads: 3, lengths: [700, 620],
                dropout: Dropout(
                    rate: 0.2, streams: (1...2).map { RandomStream(seed: 3, purpose: .dropout, item: $0) }))
        },
        Operation("linear", [[2, 1100, 32], [800, 16], [400]]) {
            $0.linear($1[0], weight: $1[1], bias: $1[2], groups: 2)
        },
        Operation("linear, bf16", [[2, 1101, 64], [200, 32], [100]], precision: .bf16) {
            $0.linear($1[0], weight: $1[1], bias: $1[2], groups: 2)
        },
        Operation("convolve, bilinear, bf16", [[2, 300, 40], [48, 7, 40], [48]], precision: .bf16) {
            $0.convolve($1[0], weight: $1[1], bias: $1[2], stride: 1)
        },
        Operation(
            "convolve through a waveform block, bf16", [[48, 10, 1], [48, 3, 48]], precision: .bf16
        ) {
            let block = WaveformBlock(
                weight: $1[0], normWeight: nil, normBias: nil, groups: 48, activation: .gelu, stride: 5)
            return $0.convolve(.random([2, 9000], 9), through: block, weight: $1[1], stride: 2) ?? $1[0]
        },
        Operation(
            "attention, bf16", [[2, 301, 64], [2, 301, 64], [2, 301, 64]], precision: .bf16
        ) {
            $0.attention(
                $1[0], $1[1], $1[2], heads: 2, lengths: [301, 280],
                dropout: Dropout(
                    rate: 0.2, streams: (1...2).map { RandomStream(seed: 3, purpose: .dropout, item: $0) }))
        },
        Operation("padLeft", [[5, 300, 33]]) { $0.padLeft($1[0], frames: 7, zero: false) },
        Operation("groupNorm", [[2, 3000, 32], [32], [32]]) {
            $0.groupNorm($1[0], weight: $1[1], bias: $1[2], groups: 2, activation: .gelu)
        },
        Operation("layerNorm", [[2, 3000, 32], [32], [32], [2, 6001, 32]]) {
            $0.layerNorm(
                $1[0], weight: $1[1], bias: $1[2], activation: .gelu, residual: Residual($1[3], scale: 0.7))
        },
        Operation("activate", [[150_000]]) { $0.activate($1[0], .gelu) },
        Operation("logCompress", [[150_000]]) { $0.logCompress($1[0]) },
        Operation("groupNorm with a residual", [[2, 3000, 32], [2, 6001, 32]]) {
            $0.groupNorm(
                $1[0], weight: nil, bias: nil, activation: .gelu, residual: Residual($1[1], scale: 0.7))
        },
        Operation("residualSum", [[2, 3000, 32], [2, 3000, 32]]) { $0.residualSum($1[0], $1[1], scale: 0.7) },
        Operation("residualSum, strided", [[2, 3000, 32], [2, 6001, 32]]) {
            $0.residualSum($1[0], $1[1], scale: 0.7)
        },
        Operation("dropout", [[5, 20_000]]) {
            $0.dropout(
                $1[0], rate: 0.3, streams: (1...5).map { RandomStream(seed: 5, purpose: .dropout, item: $0) })
        },
        Operation("nearestCodeword", [[1500, 32], [64, 16]]) {
            $0.nearestCodeword($1[0], codebook: $1[1], groups: 2, variables: 64).quantized
        },
        Operation("codebookLoss", [[1500, 32], [64, 16]]) {
            let ids = nearestCodewords($1[0].value, codebook: $1[1].value, groups: 2, variables: 64)
            return $0.codebookLoss($1[0], codebook: $1[1], ids: ids, groups: 2, variables: 64, gamma: 0.25)
        },
        Operation("gumbelStraightThrough", [[1500, 128], [64, 16]]) {
            let noise = Tensor.gumbelNoise(
                shape: [1500, 128], streams: (1...5).map { RandomStream(seed: 1, purpose: .test, item: $0) })
            return $0.gumbelStraightThrough(
                logits: $1[0], codebook: $1[1], groups: 2, noise: noise, temperature: 0.5
            ).quantized
        },
        Operation("softmaxPerplexity", [[3000, 64]]) { $0.softmaxPerplexity(logits: $1[0], groups: 2).0 },
        Operation("predictionScores", [[600, 5, 130], [600, 130]]) {
            var stream = RandomStream(seed: 1, purpose: .test)
            let negatives = (0..<600 * 4).map { _ in Int32(stream.nextInteger(below: 600)) }
            let geometry = PredictionGeometry(
                batch: 2, frames: 300, predictedSteps: 5, firstStep: 3, negatives: 4)
            return $0.predictionScores($1[0], targets: $1[1], negatives: negatives, geometry: geometry)
        },
        Operation("binaryContrastiveLoss", [[5000, 11]]) {
            $0.binaryContrastiveLoss($1[0], negativeWeight: 0.1)
        },
        Operation("infoNCELoss", [[5000, 11]]) { $0.infoNCELoss($1[0]) },
        // Several gradients added up.
        Operation("sums of gradients", [[3, 100_000]]) {
            let x = $0.reshape($1[0], [1, 100_000, 3])
            return $0.residualSum($0.residualSum(x, x, scale: 0.3), $0.activate(x, .gelu), scale: 0.7)
        },
        Operation("norm and scale of gradients") {
            let x = Variable.parameter(.random([300_001], 1))
            let tape = Tape()
            tape.backward(from: tape.activate(x, .gelu), seed: .random([300_001], 2))
            let norm = Gradients.scale([x], by: 0.37).bitPattern
            return [bits(x.gradient ?? x.value), [UInt32(norm >> 32), UInt32(truncatingIfNeeded: norm)]]
        },
        Operation("adamStep") {
            let tensors = (1...4).map { Tensor.random([150_000], $0) }
            tensors[3].assign(Tensor(tensors[3].values.map(abs), shape: [150_000]))
            adamStep(
                tensors[0], gradient: tensors[1], firstMoment: tensors[2], secondMoment: tensors[3],
                beta1: 0.9,
                beta2: 0.999, epsilon: 1e-8, step: 1e-3, decay: 0.99)
            return tensors.map(bits)
        },
    ]

    @Test(arguments: operations)
    func sameBits(_ operation: Operation) {
        let before = Parallel.threads
        defer { Parallel.threads = before }
        Parallel.threads = 1
        let expected = operation.run()
        for threads in [2, 3, 5] {
            Parallel.threads = threads
            // Not compared inside the macro, which would list millions of differences.
            let isSame = operation.run() == expected
            #expect(isSame, "\(threads) threads")
        }
    }

    /// Every index is given to `body` once, for any number of threads.
    @Test(arguments: [1, 2, 3, 5], [0, 1, 2, 7, 1000])
    func allIndicesOnce(_ threads: Int, count: Int) {
        let before = Parallel.threads
        defer { Parallel.threads = before }
        Parallel.threads = threads
        #expect(Parallel.threads == threads)
        let calls = Tensor(zeros: [count])
        Parallel.forEach(count) { calls.pointer[$0] += 1 }
        #expect(calls.values.allSatisfy { $0 == 1 })
    }

    /// While calls wait, others are made, on any number of threads; never do more of them compute than that.
    @Test(arguments: [1, 2, 3]) func callsWhileOthersWait(_ threads: Int) {
        let before = Parallel.threads
        defer { Parallel.threads = before }
        Parallel.threads = threads
        // All wait until one more has been called than there are threads.
        let others = DispatchSemaphore(value: 0)
        let results = Mutex<[Int: DispatchTimeoutResult]>([:])
        Parallel.forEach(2 * threads) { index in
            let result =
                index < threads
                ? Parallel.whileWaiting { others.wait(timeout: .now() + 20) } : .success
            if index >= threads { others.signal() }
            results.withLock { $0[index] = result }
        }
        #expect(results.withLock { $0.count } == 2 * threads)
        #expect(results.withLock { $0.values.allSatisfy { $0 == .success } })

        let computing = Mutex((now: 0, most: 0))
        let calls = Tensor(zeros: [100])
        @Sendable func compute() {
            computing.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            usleep(100)
            computing.withLock { $0.now -= 1 }
        }
        Parallel.threads = threads
        Parallel.forEach(100) { index in
            compute()
            Parallel.whileWaiting { _ = usleep(300) }
            compute()
            calls.pointer[index] += 1
        }
        #expect(calls.values.allSatisfy { $0 == 1 })
        #expect(computing.withLock { $0.most } <= threads)
    }

    /// Calls within a call are made on its thread, one after the other.
    @Test func nestedCallsStayOnTheirThread() {
        let before = Parallel.threads
        defer { Parallel.threads = before }
        Parallel.threads = 3
        let strayed = Tensor(zeros: [20])
        Parallel.forEach(20) { outer in
            let thread = pthread_self()
            Parallel.forEach(50) { _ in
                if pthread_equal(thread, pthread_self()) == 0 { strayed.pointer[outer] += 1 }
            }
        }
        #expect(strayed.values.allSatisfy { $0 == 0 })
        // And afterwards they are shared again.
        let threads = Mutex<Set<UInt>>([])
        let deadline = ContinuousClock.now + .seconds(20)
        Parallel.forEach(2) { _ in
            _ = threads.withLock { $0.insert(UInt(pthread_self())) }
            while threads.withLock({ $0.count }) < 2 && ContinuousClock.now < deadline {}
        }
        #expect(threads.withLock { $0.count } == 2)
    }
}

private func bits(_ x: Tensor) -> [UInt32] { x.values.map(\.bitPattern) }
