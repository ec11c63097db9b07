import Foundation
import OperationSupport
import Tensors
import Testing

@Suite struct GumbelNoiseTests {
    /// −log(−log u) of the stream's uniform numbers, part by part.
    @Test(arguments: [1, 7, 63, 64, 65, 1000])
    func equalsItsScalarDefinition(_ perItem: Int) {
        let streams = [3, 17].map {
            RandomStream(seed: 1, purpose: RandomStream.Purpose(4), update: 9, item: $0)
        }
        let noise = Tensor.gumbelNoise(shape: [2, perItem], streams: streams)
        var expected: [Double] = []
        for var stream in streams {
            for _ in 0..<perItem { expected.append(-log(-log(Double(stream.nextUniform())))) }
        }
        let worst = zip(noise.doubles, expected).reduce(0) { max($0, abs($1.0 - $1.1) / max(1, abs($1.1))) }
        #expect(worst < 2e-7)
    }

    /// The smallest and the largest number that can be drawn: −log(24 log 2) and 24 log 2.
    @Test func itsEndsAreFinite() {
        let streams = [808_795, 31_126].map { RandomStream(seed: 1, purpose: .test, item: $0) }
        let noise = Tensor.gumbelNoise(shape: [2, 4], streams: streams)
        #expect(abs(noise.doubles[0] + log(24 * log(2))) < 1e-6)
        #expect(abs(noise.doubles[7] - 24 * log(2)) < 4e-6)
    }

    @Test func aPartDependsOnItsStreamAlone() {
        let streams = (1...3).map { RandomStream(seed: 1, purpose: RandomStream.Purpose(4), item: $0) }
        let all = Tensor.gumbelNoise(shape: [3, 100], streams: streams).values
        let last = Tensor.gumbelNoise(shape: [100], streams: [streams[2]]).values
        #expect(Array(all[200...]) == last)
        #expect(Array(all[..<100]) != last)
    }
}
