import Evaluation
import Foundation
import Speech

/// A recording to look at and listen to: spectrogram, units and phones on one axis of time.
public struct UnitTimeline: Sendable {
    let name: String
    private let samples: [Float]
    private let sampleRate: Int
    private let centres: FrameCentres
    private let units: [Int32]
    private let unitName: @Sendable (Int) -> String
    private let intervals: [LabelledInterval]

    private static let pixelsPerSecond = 150.0
    private static let (spectrum, strip) = (140.0, 22.0)

    /// - Parameters:
    ///   - samples: between −1 and 1, at the rate of `centres`; the page gets them whole.
    ///   - units: the number of the unit of each frame; those beyond the samples are left out.
    ///   - unitName: what the unit of a number is called.
    ///   - intervals: phones; empty where none are known.
    public init(
        name: String, samples: [Float], centres: FrameCentres, units: [Int32],
        unitName: @escaping @Sendable (Int) -> String, intervals: [LabelledInterval]
    ) {
        (self.name, self.samples, sampleRate) = (name, samples, centres.sampleRate)
        (self.centres, self.units) = (centres, units)
        (self.unitName, self.intervals) = (unitName, intervals)
    }

    private var seconds: Double { Double(samples.count) / Double(sampleRate) }

    /// Nil for a recording too short to draw.
    var figure: Figure? {
        let spectrogram = Spectrogram(samples, sampleRate: sampleRate)
        guard let image = spectrogram.image() else { return nil }
        let width = max(300, seconds * Self.pixelsPerSecond)
        let rows = Self.spectrum + Self.strip * (intervals.isEmpty ? 1 : 2)
        var parts = [
            "<svg class=\"timeline\" style=\"width:\(Int(width))px\" viewBox=\"0 0 \(Int(width)) \(Int(rows + 20))\" "
                + "role=\"img\" tabindex=\"0\" data-seconds=\"\(seconds)\" aria-label=\"Units of \(SVG.escaped(name)) "
                + "under its spectrogram\">",
            "<image x=\"0\" y=\"0\" width=\"\(Int(width))\" height=\"\(Int(Self.spectrum))\" "
                + "preserveAspectRatio=\"none\" href=\"\(image.dataURL)\"/>",
        ]
        let scale = width / seconds
        for run in UnitRuns.of(units) {
            let (start, end) = (
                centres.boundary(before: run.start), centres.boundary(before: run.start + run.length)
            )
            guard start < seconds else { break }
            parts.append(
                cell(
                    from: max(0, start) * scale, to: min(end, seconds) * scale, y: Self.spectrum,
                    text: unitName(Int(run.unit)), color: ColorScale.color(ofUnit: Int(run.unit))))
        }
        for interval in intervals where interval.start < seconds {
            parts.append(
                cell(
                    from: interval.start * scale, to: min(interval.end, seconds) * scale,
                    y: Self.spectrum + Self.strip, text: interval.label, color: nil))
        }
        for tick in Axis([0, seconds]).ticks(Int(seconds.rounded(.up))) {
            parts.append(
                SVG.text("\(Axis.label(tick)) s", x: min(tick * scale + 2, width - 24), y: rows + 14))
        }
        parts.append(SVG.line(-9, 0, -9, rows, kind: "cursor"))
        let sound = Data(WaveBytes.encode(samples, sampleRate: sampleRate)).base64EncodedString()
        let audio =
            "<audio controls preload=\"auto\" src=\"data:audio/wav;base64,\(sound)\" "
            + "aria-label=\"\(SVG.escaped(name))\"></audio>"
        return Figure(
            title: name,
            caption: "Spectrogram up to \(sampleRate / 2000) kHz; below, runs of equal units"
                + (intervals.isEmpty ? "." : ", then phones.")
                + " Click to hear from there; with the keyboard, arrows move and Enter plays.",
            drawing: "<div class=\"scroll\">" + parts.joined() + "</svg></div>" + audio, isWide: true)
    }

    /// A box with its name, where there is room for it, and as a tooltip.
    private func cell(from start: Double, to end: Double, y: Double, text: String, color: [UInt8]?) -> String
    {
        let width = max(0, end - start)
        let fill = color.map { " style=\"fill:rgb(\($0[0]) \($0[1]) \($0[2]))\"" } ?? ""
        let fits = Double(text.count) * 6.5 < width
        return "<g><title>\(SVG.escaped(text))</title><rect class=\"cell\"\(fill) x=\"\(SVG.number(start))\" "
            + "y=\"\(Int(y))\" width=\"\(SVG.number(width))\" height=\"\(Int(Self.strip - 2))\"/>"
            + (fits
                ? SVG.text(
                    text, x: (start + end) / 2, y: y + 14, anchor: "middle",
                    more: color == nil ? "" : " class=\"on-color\"") : "") + "</g>"
    }
}
