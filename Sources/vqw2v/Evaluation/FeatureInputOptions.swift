import ArgumentParser
import Evaluation
import Files
import Tensors
import TokenFiles

/// Features that are judged by ABX.
struct FeatureInputOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Features to judge by ABX: arrays [frames, channels] as extract writes them.", valueName: "path"),
        completion: .file())
    var features: [String] = []

    @Option(
        help: ArgumentHelp(
            "Frames of the features per second. (default: what stands beside them, 100)",
            valueName: "Hz"))
    var frameRate: Int?

    func validate() throws {
        if let frameRate, !(1...16000).contains(frameRate) {
            throw ValidationError("--frame-rate must be from 1 to 16000, not \(frameRate)")
        }
    }

    /// - Throws: `FileError` or `TokenInputError` where the arrays cannot be read.
    func read(_ path: String) throws -> (features: [ByteString: Tensor], centres: FrameCentres) {
        var features: [ByteString: Tensor] = [:]
        try ArrayInput(path: path).read { array in
            guard array.shape.count == 2 else {
                throw FileError.unusable(
                    path: path,
                    problem:
                        "has an array \(quoted(array.name)) of shape \(array.shape); features are [frames, "
                        + "channels]")
            }
            features[array.name] = Tensor(array.floats, shape: array.shape)
        }
        guard !features.isEmpty else { throw FileError.unusable(path: path, problem: "holds no features") }
        let timing = try TokenInput.timing(beside: path)
        guard let frameRate else {
            let usual = FrameCentres.usual
            return (
                features,
                timing.map { FrameCentres(hop: $0.hop, window: $0.window, sampleRate: $0.sampleRate) }
                    ?? usual
            )
        }
        // Only whole samples: 16,000 is divided by most rates that there are.
        let rate = 16000.isMultiple(of: frameRate) ? 16000 : 160 * frameRate
        return (features, FrameCentres(hop: rate / frameRate, window: rate / 40, sampleRate: rate))
    }
}
