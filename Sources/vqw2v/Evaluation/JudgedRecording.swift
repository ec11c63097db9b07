import Files
import Tensors
import TokenFiles

/// What a model makes of one recording, for its evaluation.
struct JudgedRecording: RecordingItem {
    /// Among all recordings.
    let place: Int
    let samples: Int
    /// [T, G]; empty for a model without units.
    var ids: [Int32] = []
    /// [T, D] of each layer, behind them MFCCs where these are wanted.
    var frames: [Tensor] = []
    /// `FigureCounter.sums` of each piece in which the model has predicted.
    var predictions: [[Double]] = []

    init(place: Int, samples: Int) { (self.place, self.samples) = (place, samples) }

    var numbers: [Int] {
        [place, samples, ids.count, predictions.count, predictions.first?.count ?? 0]
            + frames.flatMap { [$0.shape[0], $0.shape[1]] }
    }

    func withValues<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var bytes = ids.withUnsafeBytes { Array($0) }
        for sums in predictions { sums.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        for frames in frames {
            bytes.append(
                contentsOf: UnsafeRawBufferPointer(start: frames.pointer, count: 4 * frames.count))
        }
        return try bytes.withUnsafeBytes(body)
    }

    init(of recording: RecordingName, numbers: [Int], values: [UInt8]) {
        (place, samples) = (numbers[0], numbers[1])
        var rest = values[...]
        func take(into target: UnsafeMutableRawBufferPointer) {
            target.copyBytes(from: rest.prefix(target.count))
            rest = rest.dropFirst(target.count)
        }
        ids = Array(repeating: 0, count: numbers[2])
        ids.withUnsafeMutableBytes { take(into: $0) }
        predictions = Array(repeating: Array(repeating: 0, count: numbers[4]), count: numbers[3])
        for piece in predictions.indices { predictions[piece].withUnsafeMutableBytes { take(into: $0) } }
        for layer in stride(from: 5, to: numbers.count, by: 2) {
            let tensor = Tensor(uninitialized: [numbers[layer], numbers[layer + 1]])
            take(into: UnsafeMutableRawBufferPointer(start: tensor.pointer, count: 4 * tensor.count))
            frames.append(tensor)
        }
    }
}
