/// The classes of transformers that folders are written for.
enum HuggingFaceArchitecture: String {
    case pretraining = "Wav2Vec2ForPreTraining"
    /// Without quantizer and projections.
    case wav2vec2 = "Wav2Vec2Model"
    case hubert = "HubertModel"

    /// Before the names of tensors that all models of the family have.
    var prefix: String { self == .pretraining ? "wav2vec2." : "" }

    var type: String { self == .hubert ? HuggingFaceModel.hubertType : HuggingFaceModel.wav2vec2Type }
}
