import Checkpoints
import SystemPackage
import Training

/// Tests make their paths by interpolation.
extension TrainingData {
    init(
        _ arguments: [String], validation: [String] = [], configuration: RunConfiguration,
        resample: Bool = false, skippingUnusable: Bool = false
    ) throws {
        try self.init(
            arguments.map { FilePath($0) }, validation: validation.map { FilePath($0) },
            configuration: configuration, resample: resample, skippingUnusable: skippingUnusable)
    }
}
