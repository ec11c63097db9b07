import Layers
import VQWav2Vec

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

extension Model {
    /// The weights under fairseq's names and in its layouts, second names included.
    public var fairseqTensors: [FairseqTensor] {
        let byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0) })
        func tensor(_ name: String, _ parameter: Parameter, sharing original: String? = nil) -> FairseqTensor
        {
            FairseqTensor(name: name, shape: parameter.fairseqShape, sharing: original) {
                parameter.toFairseq(parameter.variable.value).values
            }
        }
        return parameters.map { tensor($0.name, $0) }
            + aliases.compactMap { alias, name in byName[name].map { tensor(alias, $0, sharing: name) } }
    }
}
