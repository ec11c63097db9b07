import Benchmark

/// Each operation of the paper's model at its own size, for one crop of 150,000 samples.
let benchmarks: @Sendable () -> Void = {
    registerConvolutions()
    registerNorms()
    registerQuantizers()
    registerPrediction()
}
