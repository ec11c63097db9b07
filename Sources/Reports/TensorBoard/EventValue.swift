/// Something that TensorBoard shows of a step: `tensorflow.Summary.Value`.
public enum EventValue: Sendable, Equatable {
    case scalar(Double)
    /// How often each of the numbers 0 … n − 1 came, such as codewords.
    case histogram(counts: [Int])
    case image(PNGImage)
    /// Between −1 and 1.
    case audio(samples: [Float], sampleRate: Int)

    /// The message of the value under its name.
    func message(tag: String) -> ProtocolMessage {
        var message = ProtocolMessage()
        message.add(1, tag)
        switch self {
        case .scalar(let value): message.add(2, Float(value))
        case .image(let image): message.add(4, Self.message(image))
        case .histogram(let counts): message.add(5, Self.histogram(counts))
        case .audio(let samples, let sampleRate): message.add(6, Self.audio(samples, sampleRate))
        }
        return message
    }

    /// `Summary.Image`: height, width, colorspace (3: RGB), encoded_image_string.
    private static func message(_ image: PNGImage) -> ProtocolMessage {
        var message = ProtocolMessage()
        message.add(1, image.height)
        message.add(2, image.width)
        message.add(3, 3)
        message.add(4, image.bytes)
        return message
    }

    /// `Summary.Audio`: sample_rate, num_channels, length_frames, encoded_audio_string, content_type.
    private static func audio(_ samples: [Float], _ sampleRate: Int) -> ProtocolMessage {
        var message = ProtocolMessage()
        message.add(1, Float(sampleRate))
        message.add(2, 1)
        message.add(3, samples.count)
        message.add(4, WaveBytes.encode(samples, sampleRate: sampleRate))
        message.add(5, "audio/wav")
        return message
    }

    /// `HistogramProto`: min, max, num, sum, sum_squares, bucket_limit, bucket. A bucket for each number.
    private static func histogram(_ counts: [Int]) -> ProtocolMessage {
        var message = ProtocolMessage()
        let numbers = counts.enumerated().map { (number: Double($0), count: Double($1)) }
        message.add(1, Double(counts.firstIndex { $0 > 0 } ?? 0))
        message.add(2, Double(counts.lastIndex { $0 > 0 } ?? 0))
        message.add(3, numbers.reduce(0) { $0 + $1.count })
        message.add(4, numbers.reduce(0) { $0 + $1.count * $1.number })
        message.add(5, numbers.reduce(0) { $0 + $1.count * $1.number * $1.number })
        message.add(6, numbers.map { $0.number + 0.5 })
        message.add(7, numbers.map(\.count))
        return message
    }
}
