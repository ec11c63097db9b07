import Evaluation
import Foundation
import Speech
import SystemPackage
import TensorFiles
import Tensors
import Testing

/// MFCCs as torchaudio computes them, and k-means as scikit-learn does.
@Suite struct ClusterParityTests {
    @Test(arguments: GoldenFolder.files("mfcc"))
    func mfcc(_ golden: GoldenCase) throws {
        var compared = 0
        for (name, about) in try golden.json("expected.json")["files"].members {
            let path = ["flac", "wav"].map { golden.path("\(name).\($0)") }.first {
                FileManager.default.fileExists(atPath: $0)
            }
            // The project holds some of the files.
            guard let path else { continue }
            let expected = try NumpyArray(path: golden.path("\(name).npy"))
            let waveform = try AudioFile.read(FilePath(path), sampleRate: 16000)
            let features = waveform.samples.withUnsafeBufferPointer { MFCC().features($0) }
            #expect(features.shape == expected.shape && features.shape[1] == MFCC.dimensions, "\(name)")
            let worst = zip(features.values, expected.floats).map { abs($0 - $1) }.max() ?? .infinity
            let tolerance = Float(about["tolerance"].number)
            #expect(worst <= tolerance, "\(name): \(worst), not within \(tolerance)")
            compared += 1
        }
        #expect(compared > 1)
    }

    @Test(arguments: GoldenFolder.cases("kmeans"))
    func kmeans(_ golden: GoldenCase) throws {
        let expected = try golden.json("expected.json")
        let frames = try NumpyArray(path: golden.path("frames.npy"))
        let source = FrameMatrix(Tensor(frames.floats, shape: frames.shape))
        let initial = try NumpyArray(path: golden.path("initial.npy"))
        for (iterations, after) in expected["after"].members {
            var kmeans = KMeans(
                centroids: initial.doubles, clusters: initial.shape[0], dimensions: initial.shape[1])
            var options = ClusterOptions(clusters: kmeans.clusters)
            (options.iterations, options.tolerance, options.miniBatchPasses) = (Int(iterations) ?? 0, 0, 0)
            var run = 0
            try kmeans.fit(source, options) { run = $1.iteration }
            #expect(run == after["iterations_run"].integer, "after \(iterations)")
            let centroids = try NumpyArray(path: golden.path("centroids_\(iterations).npy")).doubles
            let worst = zip(kmeans.centroids, centroids).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst <= expected["tolerance"]["centroids"].number, "after \(iterations): \(worst)")
            let assignment = try kmeans.assign(source)
            let labels = try NumpyArray(path: golden.path("labels_\(iterations).npy")).integers
            #expect(assignment.labels.map { Int($0) } == labels, "after \(iterations)")
            let inertia = after["inertia"].number
            #expect(
                abs(assignment.inertia - inertia) <= expected["tolerance"]["inertia_relative"].number
                    * inertia,
                "after \(iterations): \(assignment.inertia), not \(inertia)")
        }
    }
}
