import Evaluation
import Files
import Tensors
import TestSupport
import Testing

@Suite struct FramePreparationTests {
    private func prepared(_ values: [Float], _ normalizes: Bool, _ averaged: Int) throws -> [Float] {
        let preparation = try #require(FramePreparation(normalizes: normalizes, averagedFrames: averaged))
        let frames = Tensor(values, shape: [values.count / 2, 2])
        let result = preparation(frames)
        #expect(result.shape == frames.shape)
        return result.values
    }

    /// The second channel never changes.
    @Test func everyChannelIsNormalized() throws {
        #expect(try prepared([1, 5, 3, 5, 1, 5, 3, 5], true, 1) == [-1, 0, 1, 0, -1, 0, 1, 0])
        #expect(try prepared([7, -2], true, 1) == [0, 0])
    }

    @Test func meansAreOfFewerFramesAtTheEnds() throws {
        #expect(try prepared([0, 1, 3, 1, 9, 1, 12, 1], false, 3) == [1.5, 1, 4, 1, 8, 1, 10.5, 1])
        #expect(try prepared([2, 4, 4, 8], false, 7) == [3, 6, 3, 6])
    }

    @Test func meansAreOfNormalizedFrames() throws {
        let third: Float = 1 / 3
        #expect(try prepared([1, 5, 3, 5, 1, 5, 3, 5], true, 3)[..<4] == [0, 0, -third, 0])
    }

    @Test func framesStayAsTheyAre() throws {
        let values: [Float] = [0.1, -3, 1e30, 4]
        #expect(try prepared(values, false, 1) == values)
    }

    @Test(arguments: [0, 2, -1, 1003]) func numbersThatAreRefused(averaged: Int) {
        #expect(FramePreparation(normalizes: false, averagedFrames: averaged) == nil)
    }

    /// Clusters of earlier versions are of frames as they are.
    @Test func clustersSayWhatTheyAreOf() throws {
        func of(_ metadata: [String: String]) throws -> FramePreparation {
            let kmeans = KMeans(centroids: [0, 1], clusters: 2, dimensions: 1)
            return try FramePreparation(of: ClusterFile(path: "k", kmeans: kmeans, metadata: metadata))
        }
        let preparation = try #require(FramePreparation(normalizes: true, averagedFrames: 5))
        #expect(try of(preparation.metadata) == preparation)
        #expect(try of([:]) == FramePreparation())
        for metadata in [["normalize": "speaker"], ["average_frames": "2"], ["average_frames": "x"]] {
            #expect(throws: FileError.self) { try of(metadata) }
        }
    }
}
