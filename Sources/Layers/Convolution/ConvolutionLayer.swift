/// One convolution: output channels, kernel in frames, stride in frames.
///
/// Written as a list of three numbers, as in fairseq: `[512, 10, 5]`.
public struct ConvolutionLayer: Codable, Equatable, Sendable {
    public var channels: Int
    public var kernel: Int
    public var stride: Int

    public init(_ channels: Int, _ kernel: Int, _ stride: Int) {
        (self.channels, self.kernel, self.stride) = (channels, kernel, stride)
    }

    /// - Precondition: kernel and stride are positive.
    public var length: ConvolutionLength { ConvolutionLength(kernel: kernel, stride: stride) }

    public init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        self.init(try list.decode(Int.self), try list.decode(Int.self), try list.decode(Int.self))
        guard list.isAtEnd else {
            throw DecodingError.dataCorruptedError(
                in: list, debugDescription: "a layer is [channels, kernel, stride]")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        try list.encode(channels)
        try list.encode(kernel)
        try list.encode(stride)
    }
}

extension [ConvolutionLayer] {
    /// Input frames between the starts of two output frames, with one layer upon the other.
    package var totalStride: Int { reduce(1) { $0 * $1.stride } }

    /// Input frames that one output frame sees: the shortest input with an output.
    package var receptiveField: Int {
        var (field, jump) = (1, 1)
        for layer in self {
            field += (layer.kernel - 1) * jump
            jump *= layer.stride
        }
        return field
    }

    /// Output frames for so many of the input; 0 where it is shorter than the receptive field.
    package func outputs(_ inputs: Int) -> Int { reduce(inputs) { $1.length.outputs($0) } }
}
