/// Something that TensorBoard shows of a step: `tensorflow.Summary.Value`.
public enum EventValue: Sendable, Equatable {
    case scalar(Double)
    /// How often each of the numbers 0 … n − 1 came, such as codewords.
    case histogram(counts: [Int])
    case image(PNGImage)
    /// Between −1 and 1.
    case audio(samples: [Float], sampleRate: Int)

    /// The message of the value under its name.
    package func message(tag: String) -> ProtocolMessage {
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

/// A recording as the bytes of a WAV file: one channel, 16 bits a sample.
enum WaveBytes {
    /// - Parameter samples: between −1 and 1; what is beyond is clipped.
    static func encode(_ samples: [Float], sampleRate: Int) -> [UInt8] {
        func field(_ value: Int, bytes: Int) -> [UInt8] {
            Array(littleEndian(UInt32(truncatingIfNeeded: value)).prefix(bytes))
        }
        let size = 2 * samples.count
        var bytes = Array("RIFF".utf8) + field(36 + size, bytes: 4) + Array("WAVEfmt ".utf8)
        // 16 bytes of format: PCM, one channel, rate, bytes per second, bytes and bits of a sample.
        bytes += field(16, bytes: 4) + field(1, bytes: 2) + field(1, bytes: 2) + field(sampleRate, bytes: 4)
        bytes += field(2 * sampleRate, bytes: 4) + field(2, bytes: 2) + field(16, bytes: 2)
        bytes += Array("data".utf8) + field(size, bytes: 4)
        bytes.reserveCapacity(bytes.count + size)
        for sample in samples {
            let value = sample.isFinite ? (32768 * sample).rounded() : 0
            bytes += littleEndian(Int16(max(-32768, min(32767, value))))
        }
        return bytes
    }
}
