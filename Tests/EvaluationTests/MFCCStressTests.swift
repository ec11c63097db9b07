import Evaluation
import Foundation
import OperationSupport
import Tensors
import Testing

/// Recordings at the edge of what there is: MFCCs, and the clusters that they are nearest to, are those of the definition in double
/// precision.
@Suite struct MFCCStressTests {
    static let waveforms = StressWaveform.all(window: 400, hop: 160)

    /// Kaldi's definition, with a Fourier transform that is a sum.
    /// - Parameter x: 400 samples.
    /// - Returns: 13 coefficients.
    private static func cepstrum(_ x: [Double]) -> [Double] {
        func mel(_ frequency: Double) -> Double { 1127 * log(1 + frequency / 700) }
        let mean = x.reduce(0, +) / 400
        var windowed: [Double] = []
        for n in 0..<400 {
            let hann = 0.5 - 0.5 * cos(2 * Double.pi * Double(n) / 399)
            let emphasized = (x[n] - mean) - 0.97 * (x[max(n - 1, 0)] - mean)
            windowed.append(emphasized * pow(hann, 0.85))
        }
        var power: [Double] = []
        for bin in 0..<256 {
            var (real, imaginary) = (0.0, 0.0)
            for (n, value) in windowed.enumerated() {
                // Whole turns are taken away first.
                let angle = 2 * Double.pi * Double(n * bin % 512) / 512
                real += value * cos(angle)
                imaginary += value * sin(angle)
            }
            power.append(real * real + imaginary * imaginary)
        }
        let step = (mel(8000) - mel(20)) / 24
        var logarithms: [Double] = []
        for band in 1...23 {
            let centre = mel(20) + Double(band) * step
            var energy = 0.0
            for (bin, value) in power.enumerated() {
                energy += value * max(0, 1 - abs(mel(Double(bin) * 31.25) - centre) / step)
            }
            logarithms.append(log(max(energy, Double(Float.ulpOfOne))))
        }
        return (0..<13).map { k -> Double in
            var sum = 0.0
            for (band, value) in logarithms.enumerated() {
                sum += value * cos(Double.pi * Double(k) * (Double(band) + 0.5) / 23)
            }
            let lifter = 1 + 11 * sin(Double.pi * Double(k) / 22)
            return lifter * (Double(k == 0 ? 1 : 2) / 23).squareRoot() * sum
        }
    }

    private static func differences(_ rows: [[Double]]) -> [[Double]] {
        rows.indices.map { t -> [Double] in
            (0..<13).map { c -> Double in
                func value(_ offset: Int) -> Double { rows[min(max(t + offset, 0), rows.count - 1)][c] }
                let (near, far) = (value(1) - value(-1), value(2) - value(-2))
                return (near + 2 * far) / 10
            }
        }
    }

    @Test(arguments: waveforms) func areThoseOfTheDefinition(_ waveform: StressWaveform) {
        let features = waveform.samples.withUnsafeBufferPointer { MFCC().features($0) }
        let samples = waveform.samples.map(Double.init)
        let values = stride(from: 0, through: samples.count - 400, by: 160).map {
            Self.cepstrum(Array(samples[$0..<$0 + 400]))
        }
        let first = Self.differences(values)
        let rows = zip(zip(values, first), Self.differences(first)).map { $0.0 + $0.1 + $1 }
        #expect(features.shape == [rows.count, 39])
        #expect(
            zip(features.values, rows.flatMap { $0 }).allSatisfy { abs(Double($0) - $1) < 1e-4 },
            "\(waveform.name)")

        // As far from each other as frames of the tone are.
        var centroids: [Double] = []
        for index in 0..<6 * 39 {
            centroids.append(20 * sin(Double(index * index)) / Double(1 + index % 39))
        }
        let assignment = KMeans(centroids: centroids, clusters: 6, dimensions: 39).assign(features)
        for (row, label) in zip(rows, assignment.labels) {
            let distances = (0..<6).map { squaredDistance(row, centroids[$0 * 39..<($0 + 1) * 39]) }
            let least = distances.min() ?? .nan
            #expect(distances[Int(label)] <= least + 1e-4 * max(1, least), "\(waveform.name)")
        }
    }
}
