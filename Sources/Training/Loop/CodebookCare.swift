import Tensors
import VQWav2Vec

/// Remedies for codebooks that collapse (`CodebookConfiguration`): for quantizers whose codewords lie where
/// frames lie.
enum CodebookCare {
    /// Puts every codeword on a random frame of a batch.
    static func initialize(_ quantizer: any Quantizer, from z: Tensor, stream: RandomStream) {
        guard let frames = quantizer.codebookInputs(z) else { return }
        let all = Array(repeating: true, count: quantizer.codebook.count / width(of: quantizer))
        replace(all, in: quantizer, by: frames, stream: stream)
    }

    /// Puts the codewords that were never chosen on random frames.
    /// - Returns: how many there were.
    static func restartUnused(
        _ usage: CodebookUsage, in quantizer: any Quantizer, from z: Tensor, stream: RandomStream
    ) -> Int {
        guard let frames = quantizer.codebookInputs(z) else { return 0 }
        let rows = quantizer.codebook.count / width(of: quantizer)
        let isShared = rows == usage.variables
        let unused = (0..<rows).map { row in
            isShared
                ? (0..<usage.groups).allSatisfy { usage.counts[$0 * usage.variables + row] == 0 }
                : usage.counts[row] == 0
        }
        replace(unused, in: quantizer, by: frames, stream: stream)
        return unused.count { $0 }
    }

    /// - Parameter frames: [R, G·d].
    private static func replace(
        _ chosen: [Bool], in quantizer: any Quantizer, by frames: Tensor, stream: RandomStream
    ) {
        var stream = stream
        let width = width(of: quantizer)
        let isShared = chosen.count == quantizer.variables
        for row in chosen.indices where chosen[row] {
            let frame = stream.nextInteger(below: frames.shape[0])
            let group =
                isShared ? stream.nextInteger(below: quantizer.groups) : row / quantizer.variables
            (quantizer.codebook.variable.value.pointer + row * width).update(
                from: frames.pointer + frame * frames.shape[1] + group * width, count: width)
        }
    }

    private static func width(of quantizer: any Quantizer) -> Int {
        quantizer.codebook.variable.shape.last ?? 1
    }
}
