import Checkpoints
import Fairseq
import GoldenSupport
import TensorFiles
import Tensors
import Testing
import Training
import VQWav2Vec

/// The `.pt` files of fairseq hold what `params.safetensors` holds, and give fairseq's codes.
@Suite struct CheckpointParityTests {
    @Test func everyKindIsThere() {
        #expect(Set(GoldenCheckpoint.all.map(\.name)).count == 3)
    }

    @Test(arguments: GoldenCheckpoint.all)
    func weights(_ checkpoint: GoldenCheckpoint) throws {
        print("parity, checkpoint: \(checkpoint.testDescription)")
        let file = try FairseqCheckpoint(path: checkpoint.path)
        let params = try checkpoint.golden.tensors("params")
        #expect(Set(file.names) == Set(params.names))
        for name in params.names {
            let shape = try params.entry(name).shape
            #expect(try file.shape(of: name) == shape, "\(name)")
            var values = [Float](repeating: .nan, count: shape.reduce(1, *))
            try values.withUnsafeMutableBufferPointer { try file.read(name, into: $0) }
            let stored = try params.floats(name)
            #expect(values == (checkpoint.isHalf ? stored.map { Float(Float16($0)) } : stored), "\(name)")
        }
    }

    @Test(arguments: GoldenCheckpoint.all)
    func configuration(_ checkpoint: GoldenCheckpoint) throws {
        let read = try Checkpoint(path: checkpoint.path)
        #expect(
            try read.configuration.model
                == FairseqConfiguration.model(JSONObject(checkpoint.golden.info.model)))
        #expect(read.configuration.data.sampleRate == 16_000)
        #expect(!read.hasRun && read.program == "fairseq")
        let isZip = checkpoint.name == "checkpoint_cfg"
        #expect(read.format.contains(isZip ? "zip serialisation, cfg" : "legacy serialisation, args"))
    }

    @Test(arguments: GoldenCheckpoint.all)
    func codes(_ checkpoint: GoldenCheckpoint) throws {
        let model = try checkpoint.model()
        let source = try checkpoint.golden.tensors("inputs").tensor("source")
        let (batch, samples) = (source.shape[0], source.shape[1])
        let eval = try checkpoint.golden.tensors("eval")
        if model.quantizer != nil {
            let ids = try (0..<batch).flatMap { item in
                try model.quantize(Array(source.values[item * samples..<(item + 1) * samples])).ids
            }
            let stored = try eval.integers("codes").map(Int32.init)
            // Rounded to float16 a model may choose another codeword now and then.
            let same = zip(ids, stored).count { $0 == $1 }
            #expect(ids.count == stored.count && same >= stored.count * (checkpoint.isHalf ? 98 : 100) / 100)
        }
        let z = FairseqLayout.channelsFirst(model.encode(source))
        let expected = try eval.tensor("z")
        try #require(z.shape == expected.shape)
        let largest = zip(z.values, expected.values).map { abs($0 - $1) }.max() ?? .infinity
        let allowed = checkpoint.golden.info.tolerance["eval.z"]?.atol ?? 0
        #expect(Double(largest) <= (checkpoint.isHalf ? 5e-3 : allowed))
    }
}
