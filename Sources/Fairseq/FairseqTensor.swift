import Layers
import VQWav2Vec
import Wav2Vec2

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

    fileprivate static func all(of model: any ParameterizedModel) -> [FairseqTensor] {
        let byName = Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0) })
        func tensor(_ name: String, _ parameter: Parameter, sharing original: String? = nil) -> FairseqTensor
        {
            FairseqTensor(name: name, shape: parameter.fairseqShape, sharing: original) {
                parameter.toFairseq(parameter.variable.value).values
            }
        }
        return model.parameters.map { tensor($0.name, $0) }
            + model.aliases.compactMap { alias, name in
                byName[name].map { tensor(alias, $0, sharing: name) }
            }
    }
}

extension Model {
    /// The weights under fairseq's names and in its layouts, second names included.
    public var fairseqTensors: [FairseqTensor] { FairseqTensor.all(of: self) }
}

extension Wav2Vec2Model {
    /// The weights under fairseq's names and in its layouts, second names included.
    public var fairseqTensors: [FairseqTensor] { FairseqTensor.all(of: self) }
}
