import Foundation
import Tensors

/// A notch filter of second order, twice (Bristow-Johnson, "Cookbook formulae for audio equalizer biquad filter
/// coefficients").
struct BandRejection {
    // Divided by a₀; b₂ = b₀ and a₁ = b₁.
    private let b0: Double
    private let b1: Double
    private let a2: Double

    /// - Parameters:
    ///   - frequency: that is lost, in Hz.
    ///   - quality: Q, that frequency over the width of the band.
    init(frequency: Double, quality: Double, sampleRate: Int) {
        let angle = 2 * Double.pi * frequency / Double(sampleRate)
        let alpha = sin(angle) / (2 * quality)
        let a0 = 1 + alpha
        b0 = 1 / a0
        b1 = -2 * cos(angle) / a0
        a2 = (1 - alpha) / a0
    }

    /// A band between 100 Hz and three quarters of the highest frequency, evenly in octaves.
    init(from stream: inout RandomStream, sampleRate: Int) {
        let octaves = log2(0.375 * Double(sampleRate) / 100)
        self.init(
            frequency: 100 * pow(2, octaves * Double(stream.nextUniform())),
            quality: 0.7 + 2 * Double(stream.nextUniform()), sampleRate: sampleRate)
    }

    func apply(to x: inout [Float]) {
        for _ in 0..<2 {
            var (x1, x2, y1, y2) = (0.0, 0.0, 0.0, 0.0)
            for index in x.indices {
                let x0 = Double(x[index])
                let y0 = b0 * (x0 + x2) + b1 * x1 - b1 * y1 - a2 * y2
                (x1, x2, y1, y2) = (x0, x1, y0, y1)
                x[index] = Float(y0)
            }
        }
    }
}
