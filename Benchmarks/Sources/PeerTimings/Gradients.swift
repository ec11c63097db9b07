import ArgumentParser
import Foundation
import Tensors
import Workloads

/// The table of gradients in `docs/performance.md`.
struct Gradients: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How far gradients in bf16 are from those in float32, by layer, as a table.")

    @Option(help: "gumbel, kmeans, or base.")
    var model = "gumbel"
    @OptionGroup var threads: Threads

    func run() throws {
        threads.apply()
        let (exact, rounded) = (try gradients(.float32), try gradients(.bf16))
        print("| layer | cosine | relative error |\n|---|---:|---:|")
        // The softmax does not see what all keys have in common.
        for errors in GradientErrors.byLayer(exact: exact, rounded: rounded, exceptions: ["k_proj.bias"]) {
            print(
                "| \(errors.layer) | \(String(format: "%.4f", errors.cosine))"
                    + " | \(String(format: "%.3f", errors.relativeError)) |")
        }
    }

    private func gradients(_ precision: Precision) throws -> [NamedGradient] {
        if model == "base" { return try BaseUpdate(batch: 1, precision: precision).gradients() }
        guard let kind = PaperModel.Kind(rawValue: model) else {
            throw ValidationError("--model is gumbel, kmeans or base, not \(model)")
        }
        return try TrainingUpdate(kind, batch: 1, precision: precision).gradients()
    }
}
