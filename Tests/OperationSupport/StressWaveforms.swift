import Foundation
import Testing

/// Recordings at the edge of what there is.
package struct StressWaveform: Sendable, CustomTestStringConvertible {
    package let name: String
    package let samples: [Float]
    package var testDescription: String { name }

    private init(_ name: String, _ count: Int = 3000, sample: (Int) -> Float) {
        (self.name, samples) = (name, (0..<count).map(sample))
    }

    private static func tone(_ index: Int) -> Float {
        0.3 * Float(sin(0.05 * Double(index) + 3 * sin(Double(index) / 300)))
    }

    /// - Parameters:
    ///   - window: samples that one frame sees.
    ///   - hop: samples between two frames.
    package static func all(window: Int, hop: Int) -> [StressWaveform] {
        [
            StressWaveform("silence") { _ in 0 },
            StressWaveform("an offset") { _ in 0.5 },
            StressWaveform("a full-scale offset") { _ in -1 },
            StressWaveform("a square wave") { $0 / 40 % 2 == 0 ? 1 : -1 },
            StressWaveform("the fastest") { $0 % 2 == 0 ? 1 : -1 },
            StressWaveform("one click") { $0 == 1500 ? 1 : 0 },
            StressWaveform("a tone", sample: tone),
            StressWaveform("one frame", window, sample: tone),
            StressWaveform("one frame and a rest", window + hop - 1, sample: tone),
            StressWaveform("two frames", window + hop, sample: tone),
            StressWaveform("hardly anything") { 1e-30 * tone($0) },
            StressWaveform("nearly nothing") { 1e-3 * tone($0) },
            StressWaveform("the smallest numbers") { Float.leastNonzeroMagnitude * Float($0 % 3) },
            StressWaveform("much too loud") { 1e9 * tone($0) },
            StressWaveform("a tone on an offset") { 0.9 + 1e-3 * tone($0) },
            StressWaveform("silence, then a tone") { $0 < 1500 ? 0 : tone($0) },
        ]
    }
}

/// Expects each id to be that of the best score, or of one that is equal but for rounding.
/// - Parameters:
///   - ids: of frames and groups.
///   - scores: [ids, variables], row-major, in double precision.
package func expectBest(
    _ ids: [Int32], _ scores: [Double], variables: Int, _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(ids.count == scores.count / variables, sourceLocation: sourceLocation)
    for (place, id) in ids.enumerated() {
        let row = scores[place * variables..<(place + 1) * variables]
        let best = row.max() ?? .nan
        #expect(
            best.isFinite && row[row.startIndex + Int(id)] >= best - 1e-4 * max(1, abs(best)),
            "\(name), frame and group \(place)", sourceLocation: sourceLocation)
    }
}
