import CKernels
import Foundation
import Tensors

/// Mel-frequency cepstral coefficients by Kaldi's conventions, with first and second differences: what HuBERT's first
/// iteration clusters, and the baseline of every unit.
///
/// Equal to `torchaudio.compliance.kaldi.mfcc` (13 coefficients, 23 bands from 20 Hz, no energy, no dither) followed by
/// `compute_deltas` twice, as in fairseq's `dump_mfcc_feature.py`, on samples between −1 and 1.
public struct MFCC: Sendable {
    /// 13 coefficients, their differences, and the differences of those.
    public static let dimensions = 39
    static let coefficients = 13
    static let bands = 23

    /// In Hz.
    public let sampleRate: Int
    /// Samples of a frame, 25 ms.
    public let width: Int
    /// Samples between two frames, 10 ms.
    public let shift: Int
    /// Points of the Fourier transform.
    private let size: Int
    private let window: [Double]
    private let twiddles: [Double]
    private let filters: [MelFilter]
    /// [coefficients, bands], the lifter included.
    private let cosines: [Double]

    /// Of recordings of 16 kHz.
    public init() { self.init(valid: 16000) }

    /// - Parameter sampleRate: in Hz.
    /// - Throws: `EvaluationError` below 1000 Hz, where filters have no room.
    public init(sampleRate: Int) throws(EvaluationError) {
        guard sampleRate >= 1000 else { throw .rateTooLow(sampleRate) }
        self.init(valid: sampleRate)
    }

    private init(valid sampleRate: Int) {
        self.sampleRate = sampleRate
        (width, shift) = (sampleRate / 40, sampleRate / 100)
        var size = 1
        while size < width { size *= 2 }
        self.size = size
        // Povey's: Hann's to the power of 0.85.
        window = (0..<width).map { [width] in
            pow(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(width - 1)), 0.85)
        }
        twiddles = (0..<size / 2).flatMap { [size] k in
            let angle = -2 * Double.pi * Double(k) / Double(size)
            return [cos(angle), sin(angle)]
        }
        filters = MelFilter.bank(
            Self.bands, from: 20, to: Double(sampleRate) / 2, size: size, sampleRate: sampleRate)
        cosines = (0..<Self.coefficients).flatMap { k in
            let lifter = 1 + 11 * sin(Double.pi * Double(k) / 22)
            let scale = ((k == 0 ? 1 : 2) / Double(Self.bands)).squareRoot()
            return (0..<Self.bands).map {
                lifter * scale * cos(Double.pi * Double(k) * (Double($0) + 0.5) / Double(Self.bands))
            }
        }
    }

    /// ⌊(n − width) / shift⌋ + 1, 0 for fewer samples than a frame has.
    public func frames(samples: Int) -> Int { samples < width ? 0 : (samples - width) / shift + 1 }

    /// Where frames lie.
    public var centres: FrameCentres { FrameCentres(hop: shift, window: width, sampleRate: sampleRate) }

    /// - Parameter samples: between −1 and 1, at `sampleRate`.
    /// - Returns: [T, 39], T = `frames(samples:)`.
    public func features(_ samples: UnsafeBufferPointer<Float>) -> Tensor {
        let count = frames(samples: samples.count)
        let features = Tensor(uninitialized: [count, Self.dimensions])
        guard count > 0, let base = samples.baseAddress else { return features }
        var values = [Double](repeating: 0, count: count * Self.coefficients)
        values.withUnsafeMutableBufferPointer { values in
            guard let target = values.baseAddress else { return }
            let (samples, results) = (SharedPointer(reading: base), SharedPointer(target))
            Parallel.forEachTile(rows: count) { _, rows in
                cepstra(
                    of: samples + rows.lowerBound * shift, rows.count,
                    results + rows.lowerBound * Self.coefficients)
            }
        }
        let first = Self.differences(of: values)
        let second = Self.differences(of: first)
        for frame in 0..<count {
            for (part, block) in [values, first, second].enumerated() {
                for k in 0..<Self.coefficients {
                    features.pointer[(frame * 3 + part) * Self.coefficients + k] = Float(
                        block[frame * Self.coefficients + k])
                }
            }
        }
        return features
    }

    /// The smallest energy of a band: float32's epsilon, as in torchaudio.
    private static let floor = 1.1920928955078125e-07

    private func cepstra(of x: UnsafePointer<Float>, _ frames: Int, _ result: UnsafeMutablePointer<Double>) {
        var work = [Double](repeating: 0, count: 16 * size)
        var power = [Double](repeating: 0, count: frames * size / 2)
        vq_power_spectra(x, frames, shift, width, 0.97, window, twiddles, size, &work, &power)
        var energies = [Double](repeating: 0, count: Self.bands)
        power.withUnsafeBufferPointer { power in
            for frame in 0..<frames {
                for (band, filter) in filters.enumerated() {
                    var energy = 0.0
                    let first = frame * size / 2 + filter.first
                    for (index, weight) in filter.weights.enumerated() {
                        energy += weight * power[first + index]
                    }
                    energies[band] = log(max(energy, Self.floor))
                }
                for k in 0..<Self.coefficients {
                    var sum = 0.0
                    for band in 0..<Self.bands { sum += cosines[k * Self.bands + band] * energies[band] }
                    result[frame * Self.coefficients + k] = sum
                }
            }
        }
    }

    /// Δ_t = Σ_{k = 1, 2} k (c_{t+k} − c_{t−k}) / 10, the ends repeated.
    private static func differences(of values: [Double]) -> [Double] {
        let frames = values.count / coefficients
        return [Double](unsafeUninitializedCapacity: values.count) { result, count in
            count = values.count
            for frame in 0..<frames {
                func value(_ offset: Int, _ k: Int) -> Double {
                    values[min(max(frame + offset, 0), frames - 1) * coefficients + k]
                }
                for k in 0..<coefficients {
                    result[frame * coefficients + k] =
                        (value(1, k) - value(-1, k) + 2 * (value(2, k) - value(-2, k))) / 10
                }
            }
        }
    }
}

/// A triangle over the bins of a power spectrum, linear in mel.
private struct MelFilter: Sendable {
    /// The first bin whose weight is not 0.
    let first: Int
    let weights: [Double]

    /// Triangles of equal width in mel, each from the centre of the one before to that of the next.
    static func bank(_ count: Int, from low: Double, to high: Double, size: Int, sampleRate: Int)
        -> [MelFilter]
    {
        let (bottom, top) = (mel(low), mel(high))
        let step = (top - bottom) / Double(count + 1)
        return (0..<count).map { band in
            let centre = bottom + Double(band + 1) * step
            let weights = (0..<size / 2).map { bin in
                max(0, 1 - abs(mel(Double(bin * sampleRate) / Double(size)) - centre) / step)
            }
            let first = weights.firstIndex { $0 > 0 } ?? 0
            let last = weights.lastIndex { $0 > 0 } ?? -1
            return MelFilter(first: first, weights: last < first ? [] : Array(weights[first...last]))
        }
    }

    private static func mel(_ frequency: Double) -> Double { 1127 * log(1 + frequency / 700) }
}
