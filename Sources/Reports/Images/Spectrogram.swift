import CKernels
import Foundation

/// The energy of a recording by time and frequency, in decibels.
public struct Spectrogram: Sendable {
    /// Frames of 25 ms, 10 ms apart; none at a rate below 1000 Hz, which is none of speech.
    public let frames: Int
    /// Rows of equal width, the lowest first, up to half the sample rate.
    public static let bands = 128
    /// [frames, bands], from 0 (70 dB or more below the loudest) to 1.
    public let values: [Double]

    private static let range = 70.0

    /// - Parameter samples: between −1 and 1.
    public init(_ samples: [Float], sampleRate: Int) {
        guard sampleRate >= 1000 else {
            (frames, values) = (0, [])
            return
        }
        let (width, shift) = (sampleRate / 40, sampleRate / 100)
        var size = 2 * Self.bands
        while size < width { size *= 2 }
        let count = samples.count < width ? 0 : (samples.count - width) / shift + 1
        frames = count
        let window = (0..<width).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(width - 1)) }
        let twiddles = (0..<size / 2).flatMap { k in
            let angle = -2 * Double.pi * Double(k) / Double(size)
            return [cos(angle), sin(angle)]
        }
        var work = [Double](repeating: 0, count: 16 * size)
        var power = [Double](repeating: 0, count: count * size / 2)
        if count > 0 {
            vq_power_spectra(samples, count, shift, width, 0.97, window, twiddles, size, &work, &power)
        }
        let bins = size / 2 / Self.bands
        let decibels = (0..<count * Self.bands).map { index in
            let sum = (0..<bins).reduce(0) { $0 + power[index * bins + $1] }
            return 10 * log10(max(sum, 1e-12))
        }
        let top = decibels.max() ?? 0
        values = decibels.map { max(0, 1 + ($0 - top) / Self.range) }
    }

    /// A pixel for each frame and band, high frequencies on top; below, where units are given, a strip of their colours.
    /// - Parameter units: of the frames, as many as there are; nil for none.
    /// - Returns: nil for a recording shorter than a frame.
    public func image(units: [Int]? = nil) -> PNGImage? {
        guard frames > 0 else { return nil }
        var pixels: [UInt8] = []
        for band in (0..<Self.bands).reversed() {
            for frame in 0..<frames { pixels += ColorScale.color(values[frame * Self.bands + band]) }
        }
        let strip = units == nil ? 0 : 16
        for _ in 0..<strip {
            for frame in 0..<frames {
                let unit = units.flatMap { frame < $0.count ? $0[frame] : nil }
                pixels += unit.map { ColorScale.color(ofUnit: $0) } ?? [0, 0, 0]
            }
        }
        return PNGImage(width: frames, height: Self.bands + strip, pixels: pixels)
    }
}
