// How another Swift package turns audio into ids: nothing of the trainer, of audio files or of logs is imported.
// The README shows the part between the marks.
import Checkpoints
import Layers
import VQWav2Vec

@main
struct TokensExample {
    static func main() throws {
        guard let path = CommandLine.arguments.dropFirst().first else {
            print("usage: tokens-example CHECKPOINT")
            return
        }
        let second = (0..<16_000).map { Float($0 % 64) / 640 - 0.05 }
        print(try tokens(checkpoint: path, waveform: second).ids.prefix(8))
    }

    // begin tokens
    /// The ids of one recording: 16 kHz samples in [-1, 1].
    static func tokens(checkpoint path: String, waveform: [Float]) throws -> TokenSequence {
        let model = try Checkpoint(path: path).inferenceModel()
        return try model.quantize(waveform)
    }
    // end tokens
}
