import Evaluation
import Files
import Tensors
import Testing

/// What would be compared with numbers that are none is refused.
@Suite struct ABXRefusalTests {
    /// Four items of two phones, two in each recording.
    private func scores(_ values: [Float], _ distance: ABXDistance) throws -> [Int] {
        var items = ABXItems(path: "items", columns: ["#phone", "speaker"])
        for (place, phone) in ["p", "q", "p", "q"].enumerated() {
            let onset = Double(place % 2) * 0.02
            items.add(
                recording: place < 2 ? "a" : "b", onset: DecimalTime(rounding: onset),
                offset: DecimalTime(rounding: onset + 0.02), labels: [phone, "s"])
        }
        let task = try ABXTask(items, on: "#phone", by: ["speaker"])
        let other: [Float] = [0.5, 0.5, 0.25, 0.75, 1, 0, 0.1, 0.9]
        let recordings = try ABXRecordings(features: [
            "a": Tensor(other, shape: [4, 2]), "b": Tensor(values, shape: [4, 2]),
        ])
        let timing = try #require(ABXTiming.nominal("100"))
        return try task.scores(recordings, timing: timing, distance: distance).twiceErrors
    }

    @Test func negativeNumbersAreNoDistributions() throws {
        let values: [Float] = [0.5, 0.5, 0.25, 0.75, 1, 0, -0.1, 1.1]
        #expect(throws: EvaluationError.notDistributions(recording: "b")) {
            try scores(values, .symmetricKL)
        }
        for distance in [ABXDistance.angular, .euclidean] { _ = try scores(values, distance) }
        // Zeros are shares, whatever their sign.
        _ = try scores([0.5, 0.5, 0.25, 0.75, 1, -0.0, 0, 1], .symmetricKL)
    }

    @Test(arguments: [ABXDistance.angular, .euclidean, .symmetricKL])
    func numbersBeyondSinglePrecision(_ distance: ABXDistance) throws {
        #expect(throws: EvaluationError.tooLarge(recording: "b")) {
            try scores([1e30, 1e30, 1e30, 2e30, 1e30, 0, 0, 1e30], distance)
        }
        _ = try scores([1e15, 1e15, 1e15, 2e14, 1e15, 0, 0, 1e15], distance)
    }

    @Test(arguments: [ABXDistance.angular, .euclidean, .symmetricKL], [Float.nan, .infinity])
    func numbersThatAreNotFinite(_ distance: ABXDistance, _ value: Float) throws {
        #expect(throws: EvaluationError.notFinite(recording: "b")) {
            try scores([0.5, 0.5, 0.25, value, 1, 0, 0, 1], distance)
        }
    }
}
