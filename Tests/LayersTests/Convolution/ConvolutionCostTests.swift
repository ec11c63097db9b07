import Layers
import Testing

/// What a convolution costs, by the sizes of its algorithm.
@Suite struct ConvolutionCostTests {
    @Test func directOperationsAreTheTapsOfEveryOutput() {
        // Few channels: nothing is gained by another algorithm.
        let cost = ConvolutionCost(input: [2, 20, 3], weight: [5, 4, 3], stride: 2)
        #expect(cost.algorithm == "direct")
        #expect(cost.direct == Double(2 * 2 * 9 * 5 * 4 * 3))
        #expect(cost.forward == cost.direct)
        #expect(cost.inputGradient == cost.direct && cost.weightGradient == cost.direct)
    }

    @Test func fastConvolutionsCountTheirProductsAndTransforms() throws {
        // Layer 2 of the paper's encoder: two taps of 1024 channels.
        let cost = ConvolutionCost(input: [1, 7498, 512], weight: [512, 4, 512], stride: 2)
        #expect(cost.algorithm == "F(4, 2)")
        let (products, outputs, taps, tiles) = (5.0, 4.0, 2.0, 937.0)
        let large = 2 * products * tiles * 1024 * 512
        let inputs = 2 * products * 5 * 1024 * tiles
        let results = 2 * products * outputs * 512 * tiles
        let weights = 2 * products * taps * 1024 * 512
        #expect(cost.forward == large + inputs + results + weights)
        #expect(cost.inputGradient == large + inputs + weights)
        #expect(cost.weightGradient == large + inputs + results + weights)
    }

    @Test func inferenceTransformsNoWeights() {
        let cost = ConvolutionCost(input: [1, 7498, 512], weight: [512, 4, 512], stride: 2, use: .inference)
        #expect(cost.algorithm == "F(5, 2)")
        let (products, outputs, tiles) = (6.0, 5.0, 750.0)
        let large = 2 * products * tiles * 1024 * 512
        #expect(cost.forward == large + 2 * products * tiles * (6 * 1024 + outputs * 512))
    }

    /// wav2vec 2.0's kernels of 3 with stride 2: of each two frames one has two taps.
    @Test func kernelsThatAreNoMultipleOfTheirStrideAreSplit() {
        let cost = ConvolutionCost(input: [1, 3125, 512], weight: [512, 3, 512], stride: 2)
        #expect(cost.algorithm == "F(4, 2) and direct")
        #expect(cost.direct == 2 * 1562 * 3 * 512 * 512)
        let longer = ConvolutionCost(input: [1, 1563, 512], weight: [512, 2, 512], stride: 1)
        #expect(longer.algorithm == "F(4, 2)")
        // Tiles of four outputs of the other tap, the last of which are not used.
        #expect(cost.forward == longer.forward + 2 * 391 * 4 * 512 * 512)
        #expect(cost.forward < 0.8 * cost.direct)
    }

    @Test func chosenAlgorithmsTakeLessThanTheSumAsWritten() {
        for taps in 2...13 {
            let cost = ConvolutionCost(input: [1, 934 + taps, 512], weight: [512, taps, 512], stride: 1)
            #expect(cost.algorithm != "direct")
            #expect(cost.forward < cost.direct && cost.inputGradient < cost.direct)
        }
    }
}
