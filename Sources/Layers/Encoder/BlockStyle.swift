import Autodiff

/// What a `ConvolutionBlock` is made of beside its convolution's sizes.
///
/// vq-wav2vec's blocks have one group and no bias in the encoder (fairseq: `ConvFeatureExtractionModel`); wav2vec
/// 2.0 has models with as many groups as channels, or a layer norm, and a bias.
package struct BlockStyle: Sendable {
    /// Behind the norm.
    package var activation: Activation
    /// Between convolution and activation.
    package var norm: Norm
    /// Whether the norm has a learned scale and shift.
    package var affineNorm: Bool
    /// Whether the convolution has a bias.
    package var bias: Bool
    /// Whether weights begin as N(0, 2 / fan-in) (He et al. 2015) and not as PyTorch's default.
    package var heWeights: Bool

    /// - Parameters:
    ///   - affineNorm: without a norm it means nothing.
    package init(
        activation: Activation, norm: Norm = .group(1), affineNorm: Bool = true, bias: Bool = false,
        heWeights: Bool = false
    ) {
        (self.activation, self.norm) = (activation, norm)
        (self.affineNorm, self.bias, self.heWeights) = (affineNorm, bias, heWeights)
    }
}
