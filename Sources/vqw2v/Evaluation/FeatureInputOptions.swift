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

    /// - Parameter units: whose options say where frames lie, too.
    /// - Throws: `FileError` or `TokenInputError` where the arrays cannot be read.
    func read(_ path: String, _ units: UnitInputOptions) throws -> CheckpointEvaluation.System {
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
        let centres = try centres(path, units)
        let recordings = features.sorted { $0.key < $1.key }.map {
            RecordingFrames(name: $0.key, features: $0.value.shape[0])
        }
        return CheckpointEvaluation.System(
            name: path, recordings: recordings, groups: nil, codewords: nil, centres: centres,
            features: [("features", features, centres)])
    }

    private func centres(_ path: String, _ units: UnitInputOptions) throws -> FrameCentres {
        guard let frameRate else {
            return units.centres(try TokenInput.timing(beside: path))
        }
        // Only whole samples: 16,000 is divided by most rates that there are.
        let rate = 16000.isMultiple(of: frameRate) ? 16000 : 160 * frameRate
        return FrameCentres(hop: rate / frameRate, window: rate / 40, sampleRate: rate)
    }
}
