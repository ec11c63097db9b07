import Tensors
import Testing
import VQWav2Vec

/// A small model of each kind, with every sort of parameter in it.
private func configuration(_ kind: QuantizerConfiguration.Kind) -> ModelConfiguration {
    var configuration = ModelConfiguration()
    configuration.encoder.layers = [.init(6, 10, 5), .init(8, 4, 2)]
    configuration.aggregator.layers = [.init(8, 2, 1), .init(10, 3, 1)]
    configuration.quantizer.kind = kind
    configuration.quantizer.variables = 5
    configuration.quantizer.combineGroups = false
    configuration.prediction.steps = 3
    return configuration
}

@Suite struct ParameterTests {
    @Test(arguments: QuantizerConfiguration.Kind.allCases)
    func fairseqLayoutThereAndBack(_ kind: QuantizerConfiguration.Kind) throws {
        for parameter in try Model(configuration(kind)).parameters {
            let own = parameter.variable.value
            let theirs = parameter.toFairseq(own)
            #expect(theirs.shape == parameter.fairseqShape, "\(parameter.name)")
            #expect(theirs.count == parameter.count)
            let back = parameter.fromFairseq(theirs)
            #expect(back.shape == own.shape, "\(parameter.name)")
            #expect(back.values == own.values, "\(parameter.name)")
            let filled = Tensor(zeros: own.shape)
            parameter.fill(filled) { _ = $0.update(fromContentsOf: theirs.values) }
            #expect(filled.values == own.values, "\(parameter.name)")
        }
    }

    /// Values that say where they are: fairseq's axes, ours, and where fairseq's axis i is in ours.
    @Test(arguments: [
        ("feature_extractor.conv_layers.1.0.weight", [8, 6, 4], [8, 4, 6], [0, 2, 1]),
        ("feature_aggregator.conv_layers.1.1.weight", [10, 8, 3], [10, 3, 8], [0, 2, 1]),
        ("feature_aggregator.residual_proj.1.weight", [10, 8, 1], [10, 8, 1], [0, 1, 2]),
        ("wav2vec_predictions.project_to_steps.weight", [10, 8, 1, 3], [3, 8, 1, 10], [3, 1, 2, 0]),
        ("vector_quantizer.embedding", [5, 2, 4], [2, 5, 4], [1, 0, 2]),
    ])
    func layout(_ name: String, fairseq: [Int], own: [Int], axes: [Int]) throws {
        let model = try Model(configuration(.kmeans))
        let parameter = try #require(model.parameters.first { $0.name == name })
        #expect(parameter.fairseqShape == fairseq)
        #expect(parameter.variable.shape == own)
        let count = fairseq.reduce(1, *)
        let theirs = Tensor((0..<count).map(Float.init), shape: fairseq)
        let ours = parameter.fromFairseq(theirs)
        for index in 0..<count {
            var (rest, place) = (index, [Int](repeating: 0, count: fairseq.count))
            for axis in fairseq.indices.reversed() {
                place[axis] = rest % fairseq[axis]
                rest /= fairseq[axis]
            }
            // Our axis axes[i] holds fairseq's axis i.
            var ourPlace = place
            for axis in axes.indices { ourPlace[axes[axis]] = place[axis] }
            let target = zip(ourPlace, own).reduce(0) { $0 * $1.1 + $1.0 }
            #expect(ours.pointer[target] == Float(index))
        }
    }

    @Test(arguments: QuantizerConfiguration.Kind.allCases)
    func namesAreUnique(_ kind: QuantizerConfiguration.Kind) throws {
        let names = try Model(configuration(kind)).parameters.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test func theSeedDecidesTheValues() throws {
        func values(_ seed: Int) throws -> [[Float]] {
            try Model(configuration(.gumbel), seed: seed).parameters.map { $0.variable.value.values }
        }
        #expect(try values(1) == values(1))
        #expect(try values(1) != values(2))
    }
}

/// The published models at full size.
@Suite struct ParameterCountTests {
    @Test(arguments: [
        (QuantizerConfiguration.Kind.gumbel, true, 34_063_488),
        (.gumbel, false, 34_063_488 + 81_920),
        (.kmeans, true, 33_014_272),
        (.kmeans, false, 33_014_272 + 81_920),
    ])
    func fullSize(_ kind: QuantizerConfiguration.Kind, shared: Bool, expected: Int) throws {
        var configuration = ModelConfiguration()
        configuration.quantizer.kind = kind
        configuration.quantizer.combineGroups = shared
        let model = try Model(configuration)
        #expect(model.parameters.reduce(0) { $0 + $1.count } == expected)
        #expect(model.parameters.allSatisfy { $0.fairseqShape.reduce(1, *) == $0.count })
    }
}
