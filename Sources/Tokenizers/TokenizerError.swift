import Layers

/// Why units cannot be made with what was given, in one line.
public enum TokenizerError: Error, Equatable {
    /// Frames of a model, and no model.
    case modelNeeded(FeatureLayer)
    /// Neither a model nor clusters.
    case nothingGiven
    /// Clusters of frames of another size.
    case otherDimensions(path: String, Int, frames: Int)
    /// A file of clusters that does not say of what.
    case noLayer(path: String)
}

extension TokenizerError {
    /// Whether something is missing that was to be named, and no file is to blame.
    package var isOfArguments: Bool {
        switch self {
        case .modelNeeded, .nothingGiven: true
        case .otherDimensions, .noLayer: false
        }
    }
}

extension TokenizerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .modelNeeded(let layer): "the layer \(layer.rawValue) is a model's: name its checkpoint"
        case .nothingGiven: "neither a checkpoint nor clusters are given: name one of them"
        case .otherDimensions(let path, let dimensions, let frames):
            "\(path) has centroids of \(dimensions) values, frames have \(frames); give clusters of this model"
        case .noLayer(let path): "\(path) does not say of which layer its clusters are"
        }
    }
}
