import Foundation
import TensorFiles
import Testing

/// Models of scikit-learn as joblib writes them, read as data.
@Suite struct JoblibTests {
    private static let cases = GoldenFolder.files("joblib")

    @Test(arguments: cases, ["kmeans", "minibatch"])
    func centroids(_ golden: GoldenCase, _ name: String) throws {
        let expected = try NumpyArray(path: golden.path("\(name).npy"))
        let array = try JoblibFile(path: golden.path("\(name).joblib")).array("cluster_centers_")
        #expect(array.shape == expected.shape && array.values == expected.doubles)
    }

    /// Whatever is missing, there is an error and no more.
    @Test(arguments: cases)
    func truncated(_ golden: GoldenCase) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: golden.path("minibatch.joblib")))
        let path = NSTemporaryDirectory() + "\(UUID().uuidString).joblib"
        defer { try? FileManager.default.removeItem(atPath: path) }
        for length in 0..<bytes.count {
            try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
            #expect(throws: (any Error).self) { try JoblibFile(path: path).array("cluster_centers_") }
        }
        var damaged = bytes
        for place in bytes.indices {
            damaged[place] ^= 0x41
            try damaged.write(to: URL(fileURLWithPath: path))
            _ = try? JoblibFile(path: path).array("cluster_centers_")
            damaged[place] = bytes[place]
        }
    }

    @Test(arguments: cases)
    func noSuchArray(_ golden: GoldenCase) throws {
        let path = golden.path("kmeans.joblib")
        for (name, problem) in [
            ("means_", "has no attribute \"means_\""), ("labels_", "no plain array of floats"),
        ] {
            #expect {
                try JoblibFile(path: path).array(name)
            } throws: { error in
                "\(error)".hasPrefix(path) && "\(error)".contains(problem)
            }
        }
    }
}
