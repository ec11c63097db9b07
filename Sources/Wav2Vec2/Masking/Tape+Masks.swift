import Autodiff
import Tensors

extension Tape {
    /// Zeros in some channels of each item, in all its frames.
    ///
    /// - Parameters:
    ///   - x: [B, T, C].
    ///   - channels: of each item, from 0 to C − 1.
    func zeroChannels(_ x: Variable, _ channels: [[Int]]) -> Variable {
        precondition(
            x.shape.count == 3 && channels.count == x.shape[0]
                && channels.joined().allSatisfy { $0 >= 0 && $0 < x.shape[2] },
            "channels are those of each item of \(x.shape)")
        // Forward and gradient alike.
        return record(withoutChannels(x.value, channels), inputs: [x]) { [withoutChannels($0, channels)] }
    }

    /// Zeros in the frames of each item from some length on.
    ///
    /// - Parameters:
    ///   - x: [B, T, C].
    ///   - lengths: of each item, at most T; nil for T.
    func zeroPadding(_ x: Variable, lengths: [Int]?) -> Variable {
        guard let lengths else { return x }
        precondition(
            x.shape.count == 3 && lengths.count == x.shape[0] && lengths.allSatisfy { $0 <= x.shape[1] },
            "lengths \(lengths) are not those of \(x.shape)")
        // Forward and gradient alike.
        return record(withoutPadding(x.value, lengths), inputs: [x]) { [withoutPadding($0, lengths)] }
    }
}

private func withoutChannels(_ x: Tensor, _ channels: [[Int]]) -> Tensor {
    let y = x.copy()
    for (item, channels) in channels.enumerated() {
        for frame in 0..<x.shape[1] {
            let row = y.pointer + (item * x.shape[1] + frame) * x.shape[2]
            for channel in channels { row[channel] = 0 }
        }
    }
    return y
}

private func withoutPadding(_ x: Tensor, _ lengths: [Int]) -> Tensor {
    let y = x.copy()
    for (item, length) in lengths.enumerated() {
        (y.pointer + (item * x.shape[1] + length) * x.shape[2]).update(
            repeating: 0, count: (x.shape[1] - length) * x.shape[2])
    }
    return y
}
