import Autodiff
import CKernels
import Tensors

/// What happens to the frames of a convolution once the moments of all of them are known:
/// group norm and activation, y = act(x · scale + shift).
package struct FrameNormalization {
    /// [C] each.
    let scale: Tensor
    let shift: Tensor
    let activationCode: Int32

    /// - Parameters:
    ///   - moments: of each group of channels over all frames.
    ///   - weight: [C], or nil for ones.
    ///   - bias: [C], or nil for zeros.
    ///   - activation: nil for none.
    package init(
        _ moments: [GroupMoments], frames: Int, channels: Int, weight: Tensor?, bias: Tensor?,
        activation: Activation?
    ) {
        (scale, shift) = (Tensor(uninitialized: [channels]), Tensor(uninitialized: [channels]))
        activationCode = activation?.code ?? Int32(VQ_IDENTITY)
        let width = channels / moments.count
        for (group, moments) in moments.enumerated() {
            let (mean, inverse) = moments.normalization(count: Double(frames * width))
            for channel in group * width..<(group + 1) * width {
                let gain = Double(weight?.pointer[channel] ?? 1)
                scale.pointer[channel] = Float(gain * inverse)
                shift.pointer[channel] = Float(
                    Double(bias?.pointer[channel] ?? 0) - mean * inverse * gain)
            }
        }
    }

    /// Leaves values as they are.
    init(identity channels: Int) {
        (scale, shift) = (Tensor(uninitialized: [channels]), Tensor(zeros: [channels]))
        scale.fill(1)
        activationCode = Int32(VQ_IDENTITY)
    }

    /// On the calling thread.
    /// - Parameter x: [frames, C].
    /// - Returns: [frames, C].
    package func callAsFunction(_ x: UnsafePointer<Float>, frames: Int) -> Tensor {
        let y = Tensor(uninitialized: [frames, scale.count])
        vq_scale_shift_activate(
            x, y.pointer, frames, scale.count, scale.pointer, shift.pointer, activationCode,
            nil, 0, 1)
        return y
    }
}
