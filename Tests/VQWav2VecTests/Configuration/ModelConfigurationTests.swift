import Layers
import Testing
import VQWav2Vec

@Suite struct ModelConfigurationTests {
    @Test(arguments: [
        (0, 0), (464, 0), (465, 1), (624, 1), (625, 2), (10_000, 60), (150_000, 935), (160_000, 998),
    ])
    func framesOfThePublishedModel(_ samples: Int, frames: Int) {
        #expect(ModelConfiguration().frames(samples: samples) == frames)
    }

    @Test func receptiveFieldAndFirstStep() throws {
        let published = ModelConfiguration()
        #expect(published.receptiveField == 465)
        #expect(published.samplesPerFrame == 160)
        #expect(published.firstStep == 3)
        try published.validate()

        var other = ModelConfiguration()
        other.prediction.offset = 1
        #expect(other.firstStep == 1)
        other.prediction.offset = 0
        other.encoder.layers = [.init(8, 4, 4), .init(8, 2, 2)]
        #expect((other.receptiveField, other.samplesPerFrame, other.firstStep) == (8, 8, 1))
    }

    /// One frame for the first sample too many, for stacks of several shapes.
    @Test(arguments: [
        [[7, 10, 5]], [[7, 3, 4]], [[7, 10, 5], [7, 8, 4], [7, 4, 2]], [[7, 2, 3], [7, 5, 2], [7, 1, 2]],
    ])
    func theReceptiveFieldIsTheShortestWaveformWithAFrame(_ layers: [[Int]]) {
        var configuration = ModelConfiguration()
        configuration.encoder.layers = layers.map { ConvolutionLayer($0[0], $0[1], $0[2]) }
        let (field, hop) = (configuration.receptiveField, configuration.samplesPerFrame)
        #expect(configuration.frames(samples: field - 1) == 0)
        for frames in 1..<5 {
            #expect(configuration.frames(samples: field + (frames - 1) * hop) == frames)
            #expect(configuration.frames(samples: field + frames * hop - 1) == frames)
        }
    }

    @Test func widths() {
        var configuration = ModelConfiguration()
        configuration.quantizer.dimension = 256
        #expect((configuration.encodedChannels, configuration.quantizedChannels) == (512, 256))
        configuration.quantizer.dimension = 0
        #expect(configuration.quantizedChannels == 512)
        configuration.quantizer.dimension = 256
        configuration.quantizer.kind = .none
        #expect(configuration.quantizedChannels == 512)
        #expect(configuration.contextChannels == 512)
    }
}
