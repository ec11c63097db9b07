import Testing

/// How the quantizer of vq-wav2vec gets its gradient, claim by claim; `docs/straight-through.md` has the
/// words and equations. The suites come in the order of the argument:
///
/// 1. `Forward`: ẑ is a codeword, and nothing else.
/// 2. `CodebookGradient`: only the chosen codewords learn.
/// 3. `LogitsGradient`: all logits of a frame learn, through the softmax that the forward pass never uses.
/// 4. `OnlyDoor`: all of it comes from ∂L/∂ẑ.
/// 5. `DiversityLoss`: wav2vec 2.0's second door, which needs no ẑ.
/// 6. `KMeans`: no softmax anywhere, ∂L/∂ẑ copied.
/// 7. `GumbelNoise`: drawn once, then a constant.
@Suite("Straight-through: how the gradient passes a choice of codewords")
struct StraightThroughTests {}
