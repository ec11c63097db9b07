import Autodiff
import CReferenceBLAS
import Foundation
import Tensors

/// The limits of this machine, for rooflines: measured, because they depend on its load, its clock and the
/// kernels that OpenBLAS chooses.
public struct Machine: Codable, Sendable {
    public let threads: Int
    /// Floating-point operations per second of large float32 matrix products, one product per thread at a time.
    public let sgemmRate: Double
    /// Bytes per second, read and written, of copies far larger than the caches.
    public let copyRate: Double
    /// As `sgemmRate`, of our own linear maps with operands of bf16, the copies of these included.
    public let bf16Rate: Double

    /// Of large products.
    public func rate(_ precision: Precision) -> Double { precision == .bf16 ? bf16Rate : sgemmRate }

    /// Takes about a second and, where the copies are measured, 128 MiB per thread.
    public static func measure(threads: Int) -> Machine {
        Machine(
            threads: threads, sgemmRate: sgemmRate(threads: threads), copyRate: copyRate(threads: threads),
            bf16Rate: bf16Rate(threads: threads))
    }

    private static func bf16Rate(threads: Int, size: Int = 1536, repeats: Int = 6) -> Double {
        let (x, weight) = (PaperModel.tensor([size, size]), PaperModel.tensor([size, size], seed: 3))
        let before = Parallel.threads
        Parallel.threads = threads
        defer { Parallel.threads = before }
        let times = (0..<repeats).map { _ in
            seconds {
                _ = Tape(recording: false, precision: .bf16).linear(.constant(x), weight: .constant(weight))
            }
        }
        return 2 * Double(size * size * size) / (times.min() ?? .infinity)
    }

    /// The best of several.
    public static func sgemmRate(threads: Int, size: Int = 1536, repeats: Int = 4) -> Double {
        openblas_set_num_threads(1)
        let count = size * size
        // Each thread has one.
        nonisolated(unsafe) let buffers = (0..<threads).map { _ in
            let buffer = UnsafeMutablePointer<Float>.allocate(capacity: 3 * count)
            for index in 0..<3 * count { buffer[index] = Float(index % 17) / 17 - 0.5 }
            return buffer
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        let n = blasint(size)
        let seconds = best(of: repeats, threads: threads) { thread in
            let a = buffers[thread]
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, n, n, n, 1, a, n, a + count, n, 0, a + 2 * count, n)
        }
        return Double(threads) * 2 * Double(size * count) / seconds
    }

    private static func copyRate(threads: Int, size: Int = 1 << 26, repeats: Int = 6) -> Double {
        // Each thread has one.
        nonisolated(unsafe) let buffers = (0..<threads).map { _ in
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: 2 * size, alignment: 64)
            buffer.initializeMemory(as: UInt8.self, repeating: 1, count: 2 * size)
            return buffer
        }
        defer { for buffer in buffers { buffer.deallocate() } }
        let seconds = best(of: repeats, threads: threads) { thread in
            memcpy(buffers[thread], buffers[thread] + size, size)
        }
        return Double(2 * threads * size) / seconds
    }

    /// Seconds of a call on each of some threads at once.
    private static func best(of count: Int, threads: Int, _ body: @Sendable (Int) -> Void) -> Double {
        let before = Parallel.threads
        Parallel.threads = threads
        defer { Parallel.threads = before }
        return (0..<count).map { _ in seconds { Parallel.forEach(threads, body) } }.min() ?? .infinity
    }
}

/// Wall time.
public func seconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .seconds(1)
}
