/// A weight under fairseq's name and in its layout, whose values are made when their turn comes.
public struct FairseqTensor {
    public let name: String
    public let shape: [Int]
    /// The name of the weight whose values this one shares, where it is a second name of it.
    public let original: String?
    /// Row-major.
    package let floats: () throws -> [Float]

    public init(
        name: String, shape: [Int], sharing original: String? = nil, floats: @escaping () throws -> [Float]
    ) {
        (self.name, self.shape, self.original, self.floats) = (name, shape, original, floats)
    }

    public var count: Int { shape.reduce(1, *) }
}
