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
