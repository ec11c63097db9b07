import Tensors

extension Tape {
    /// Puts `frames` frames before the first one, so that a convolution over the result is causal.
    ///
    /// - Parameters:
    ///   - x: [B, T, C].
    ///   - zero: pad with zeros instead of copies of the first frame.
    /// - Returns: [B, frames + T, C].
    public func padLeft(_ x: Variable, frames: Int, zero: Bool) -> Variable {
        precondition(
            frames >= 0 && x.shape.count == 3 && x.shape[1] > 0,
            "\(frames) frames cannot be put before those of \(x.shape)")
        guard frames > 0 else { return x }
        let (batch, length, channels) = (x.shape[0], x.shape[1], x.shape[2])
        let y = Tensor(uninitialized: [batch, frames + length, channels])
        for item in 0..<batch {
            let source = x.value.pointer + item * length * channels
            let target = y.pointer + item * (frames + length) * channels
            for frame in 0..<frames {
                let padding = target + frame * channels
                if zero {
                    padding.update(repeating: 0, count: channels)
                } else {
                    padding.update(from: source, count: channels)
                }
            }
            copy(
                x.value, from: item * length * channels, to: y,
                at: (item * (frames + length) + frames) * channels, count: length * channels)
        }
        return record(y, inputs: [x]) { dy in
            [padLeftGradient(dy, frames: frames, zero: zero)]
        }
    }
}

/// The gradient of the frames themselves; that of replicated padding is added to the first frame's.
private func padLeftGradient(_ dy: Tensor, frames: Int, zero: Bool) -> Tensor {
    let (batch, length, channels) = (dy.shape[0], dy.shape[1] - frames, dy.shape[2])
    let dx = Tensor(uninitialized: [batch, length, channels])
    for item in 0..<batch {
        let source = dy.pointer + item * (frames + length) * channels
        let target = dx.pointer + item * length * channels
        copy(
            dy, from: (item * (frames + length) + frames) * channels, to: dx, at: item * length * channels,
            count: length * channels)
        guard !zero else { continue }
        for frame in 0..<frames {
            for channel in 0..<channels { target[channel] += source[frame * channels + channel] }
        }
    }
    return dx
}

/// On all threads.
private func copy(_ source: Tensor, from first: Int, to target: Tensor, at place: Int, count: Int) {
    Parallel.forEachTile(rows: count, target: elementTile) { _, range in
        (target.pointer + place + range.lowerBound).update(
            from: source.pointer + first + range.lowerBound, count: range.count)
    }
}
