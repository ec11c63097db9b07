import Autodiff
import CKernels
import Tensors

/// What happens to the frames of a convolution once the moments of all of them are known, where the norm goes by
/// those: norm and activation.
package struct FrameNormalization: Sendable {
    /// [C] each: y = act(x · scale + shift), where x is the frame, or the frame normalised by itself.
    let scale: Tensor
    let shift: Tensor
    let activationCode: Int32
    /// Whether each frame is normalised by itself first.
    let isPerFrame: Bool

    /// - Parameters:
    ///   - moments: of each group of channels over all frames, where the norm has groups.
    ///   - weight: [C], or nil for ones.
    ///   - bias: [C], or nil for zeros.
    ///   - activation: nil for none.
    package init(
        _ norm: Norm, moments: [GroupMoments], frames: Int, channels: Int, weight: Tensor?, bias: Tensor?,
        activation: Activation?
    ) {
        precondition(moments.count == norm.groups, "\(moments.count) moments for \(norm.groups) groups")
        (scale, shift) = (Tensor(uninitialized: [channels]), Tensor(uninitialized: [channels]))
        activationCode = activation?.code ?? Int32(VQ_IDENTITY)
        isPerFrame = norm == .layer
        let width = channels / max(1, moments.count)
        let normalizations = moments.map { $0.normalization(count: Double(frames * width)) }
        for channel in 0..<channels {
            let (gain, offset) = (weight?.pointer[channel] ?? 1, bias?.pointer[channel] ?? 0)
            (scale.pointer[channel], shift.pointer[channel]) =
                normalizations.isEmpty
                ? (gain, offset)
                : normalizations[channel / width].coefficients(gain: Double(gain), bias: Double(offset))
        }
    }

    /// y = x + bias.
    init(channels: Int, bias: Tensor?) {
        self.init(
            .none, moments: [], frames: 0, channels: channels, weight: nil, bias: bias, activation: nil)
    }

    private init(scale: Tensor, shift: Tensor, activationCode: Int32) {
        (self.scale, self.shift, self.activationCode) = (scale, shift, activationCode)
        isPerFrame = false
    }

    /// The same of frames to which a bias, [C], is still to be added: act((x + bias) · scale + shift).
    func adding(_ bias: Tensor?) -> FrameNormalization {
        guard let bias, !isPerFrame else { return self }
        let sum = Tensor(uninitialized: shift.shape)
        for channel in 0..<sum.count {
            sum.pointer[channel] = scale.pointer[channel] * bias.pointer[channel] + shift.pointer[channel]
        }
        return FrameNormalization(scale: scale, shift: sum, activationCode: activationCode)
    }

    /// On the calling thread.
    /// - Parameter x: [frames, C].
    /// - Returns: [frames, C].
    package func callAsFunction(_ x: UnsafePointer<Float>, frames: Int) -> Tensor {
        let y = Tensor(uninitialized: [frames, scale.count])
        self(x, frames: frames, into: y.pointer)
        return y
    }

    /// - Parameter y: gets them, [frames, C].
    func callAsFunction(_ x: UnsafePointer<Float>, frames: Int, into y: UnsafeMutablePointer<Float>) {
        if isPerFrame {
            vq_layer_norm(
                x, y, nil, frames, scale.count, scale.pointer, shift.pointer, activationCode, nil, 0, 1)
        } else {
            vq_scale_shift_activate(
                x, y, frames, scale.count, scale.pointer, shift.pointer, activationCode, nil, 0, 1)
        }
    }
}
