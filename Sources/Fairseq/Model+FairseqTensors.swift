import Layers
import VQWav2Vec

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
