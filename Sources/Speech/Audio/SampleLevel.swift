/// How loud a whole recording is, wherever it is cut later.
public struct SampleLevel: Sendable, Equatable {
    /// Of all samples.
    public var mean: Double
    /// The mean square of their differences from the mean.
    public var variance: Double

    public init(mean: Double, variance: Double) {
        (self.mean, self.variance) = (mean, variance)
    }

    /// - Parameter samples: at least one.
    public init(of samples: [Float]) {
        let count = Double(max(1, samples.count))
        let mean = samples.reduce(0.0) { $0 + Double($1) } / count
        let squares = samples.reduce(0.0) { sum, sample in
            let difference = Double(sample) - mean
            return sum + difference * difference
        }
        self.init(mean: mean, variance: squares / count)
    }
}
