import Layers

/// What frames are clustered or compared: MFCCs, which need no model, or a layer of one.
public enum FrameLayer: Hashable, Sendable {
    case mfcc
    case model(FeatureLayer)
}

extension FrameLayer: RawRepresentable {
    /// The name on the command line and in files of clusters.
    public init?(rawValue: String) {
        if rawValue == "mfcc" {
            self = .mfcc
        } else if let layer = FeatureLayer(rawValue: rawValue) {
            self = .model(layer)
        } else {
            return nil
        }
    }

    public var rawValue: String {
        switch self {
        case .mfcc: "mfcc"
        case .model(let layer): layer.rawValue
        }
    }
}
