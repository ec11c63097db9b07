import Foundation
import Layers

extension PredictionFigures: TrainingFigures {
    public var fields: [FigureField] {
        [
            FigureField("loss \(lossText)", short: lossText),
            FigureField(accuracyText(full: true), short: accuracyText(full: false)),
        ] + codebookTexts.map { FigureField($0) }
    }

    public var minorFields: [FigureField] {
        extraLosses.map { FigureField(String(format: "\($0.name) %.3g", $0.value)) }
    }

    public var details: [(label: String, value: String)] {
        let known = accuracyPerStep.indices.filter { accuracyPerStep[$0].isFinite }
        func line(_ values: [Double], _ digits: Int) -> String {
            known.map { String(format: "%.\(digits)f", values[$0]) }.joined(separator: " ")
        }
        return (lossBitsPerStep.map { [("by step, bits", line($0, 2))] } ?? [])
            + [("by step, accuracy, %", line(accuracyPerStep.map { 100 * $0 }, 0))]
    }

    private var lossText: String {
        String(format: "%.2f bits (chance %.2f)", lossBits, chanceBits)
    }

    /// In full with every step, else with the first and the last.
    private func accuracyText(full: Bool) -> String {
        let text = "acc \(Self.percent(accuracy, digits: 1)) %"
        guard let first = accuracyPerStep.first, let last = accuracyPerStep.last, accuracyPerStep.count > 1
        else {
            return text
        }
        guard full else { return text + " (\(Self.percent(first))…\(Self.percent(last)))" }
        let steps = accuracyPerStep.map { Self.percent($0) }.joined(separator: " ")
        return text + " (k=\(firstStep)…\(firstStep + accuracyPerStep.count - 1): \(steps))"
    }

    /// Codewords in use and perplexity of each group, joined by `+`.
    private var codebookTexts: [String] {
        guard !perplexityPerGroup.isEmpty else { return [] }
        let codes = distinctCodesPerGroup.map(String.init).joined(separator: "+")
        let perplexity = perplexityPerGroup.map { String(format: "%.1f", $0) }.joined(separator: "+")
        return ["codes \(codes)/\(codebookSize) ppl \(perplexity)"]
    }

    private static func percent(_ share: Double, digits: Int = 0) -> String {
        share.isFinite ? String(format: "%.\(digits)f", 100 * share) : "–"
    }
}
