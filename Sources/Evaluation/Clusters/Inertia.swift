import Communication
import Foundation

/// The sum of the squared distances of frames to their centroids, the same bits in any order and for any number of processes:
/// distances are rounded to multiples of a power of two, of which whole numbers count.
struct Inertia {
    /// In these units no distance is as large as 2⁸⁶.
    private let scale: Double
    private var units: Int128 = 0

    /// Of no frame yet.
    init(of source: some FrameSource, centroids: [Double]) {
        // From corner to corner.
        let side = centroids.reduce(Double(source.largest)) { max($0, abs($1)) } + Double(source.largest)
        let bound = side * side * Double(source.dimensions)
        scale = bound > 0 && bound.isFinite ? scalbn(1, 85 - Int(bound.exponent)) : 1
    }

    mutating func add(_ distances: [Double]) {
        for distance in distances {
            let scaled = distance * scale
            // What is no number is as large as can be.
            units += scaled < 0x1p86 ? Int128(scaled.rounded()) : 1 << 86
        }
    }

    private struct Words: Codable {
        var high: Int64
        var low: UInt64
    }

    /// Of all processes.
    /// - Throws: `CommunicationError`.
    func total(of communicator: any Communicator) throws -> Double {
        let all = try communicator.collect {
            Words(high: Int64(truncatingIfNeeded: units >> 64), low: UInt64(truncatingIfNeeded: units))
        }
        return Double(all.reduce(Int128(0)) { $0 + (Int128($1.high) << 64 | Int128($1.low)) }) / scale
    }
}
