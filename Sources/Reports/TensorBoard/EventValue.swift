import Foundation

/// Something that TensorBoard shows of a step: `tensorflow.Summary.Value`.
public enum EventValue: Sendable, Equatable {
    case scalar(Double)
    /// How often each of the numbers 0 … n − 1 came, such as codewords.
    case histogram(counts: [Int])
    case image(PNGImage)
    /// Between −1 and 1.
    case audio(samples: [Float], sampleRate: Int)

    /// The message of the value under its name.
    func message(tag: String) -> TensorBoardSummary.Value {
        .with {
            $0.tag = tag
            switch self {
            case .scalar(let value): $0.simpleValue = Float(value)
            case .image(let image): $0.image = Self.message(image)
            case .histogram(let counts): $0.histo = Self.message(counts)
            case .audio(let samples, let sampleRate): $0.audio = Self.message(samples, sampleRate)
            }
        }
    }

    private static func message(_ image: PNGImage) -> TensorBoardSummary.Image {
        .with {
            ($0.height, $0.width) = (Int32(image.height), Int32(image.width))
            $0.colorspace = 3
            $0.encodedImageString = Data(image.bytes)
        }
    }

    private static func message(_ samples: [Float], _ sampleRate: Int) -> TensorBoardSummary.Audio {
        .with {
            $0.sampleRate = Float(sampleRate)
            ($0.numChannels, $0.lengthFrames) = (1, Int64(samples.count))
            $0.encodedAudioString = Data(WaveBytes.encode(samples, sampleRate: sampleRate))
            $0.contentType = "audio/wav"
        }
    }

    /// A bucket for each number.
    private static func message(_ counts: [Int]) -> TensorBoardHistogramProto {
        let numbers = counts.enumerated().map { (number: Double($0), count: Double($1)) }
        return .with {
            $0.min = Double(counts.firstIndex { $0 > 0 } ?? 0)
            $0.max = Double(counts.lastIndex { $0 > 0 } ?? 0)
            $0.num = numbers.reduce(0) { $0 + $1.count }
            $0.sum = numbers.reduce(0) { $0 + $1.count * $1.number }
            $0.sumSquares = numbers.reduce(0) { $0 + $1.count * $1.number * $1.number }
            $0.bucketLimit = numbers.map { $0.number + 0.5 }
            $0.bucket = numbers.map(\.count)
        }
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
