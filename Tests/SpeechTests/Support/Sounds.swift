import CSndFile
import Foundation
import Speech
import Testing

/// The bytes of a 16-bit WAV file.
func wave(_ values: [Int16], rate: Int = 16000, channels: Int = 1) -> [UInt8] {
    let content = values.flatMap { little(UInt32(UInt16(bitPattern: $0)), 2) }
    var bytes = Array("RIFF".utf8) + little(UInt32(36 + content.count), 4) + Array("WAVEfmt ".utf8)
    bytes += little(16, 4) + little(1, 2) + little(UInt32(channels), 2) + little(UInt32(rate), 4)
    bytes += little(UInt32(rate * channels * 2), 4) + little(UInt32(channels * 2), 2) + little(16, 2)
    return bytes + Array("data".utf8) + little(UInt32(content.count), 4) + content
}

/// The last bytes of an integer, the least significant first.
func little(_ value: UInt32, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
}

/// Writes a file with libsndfile, for example in `SF_FORMAT_FLAC | SF_FORMAT_PCM_16`.
func writeSound(
    _ samples: [Float], to path: String, format: Int, rate: Int = 16000, channels: Int = 1
) throws {
    let file = try openToWrite(path, format: format, rate: rate, channels: channels)
    defer { sf_close(file) }
    let frames = sf_count_t(samples.count / channels)
    try #require(sf_writef_float(file, samples, frames) == frames)
}

/// Writes 16-bit samples as they are, one channel.
func writeSound(_ samples: [Int16], to path: String, format: Int) throws {
    let file = try openToWrite(path, format: format, rate: 16000, channels: 1)
    defer { sf_close(file) }
    try #require(sf_writef_short(file, samples, sf_count_t(samples.count)) == samples.count)
}

private func openToWrite(_ path: String, format: Int, rate: Int, channels: Int) throws -> OpaquePointer {
    var info = SF_INFO()
    info.samplerate = Int32(rate)
    info.channels = Int32(channels)
    info.format = Int32(format)
    return try #require(sf_open(path, Int32(SFM_WRITE), &info))
}

func sine(_ frequency: Double, rate: Int, count: Int) -> [Float] {
    (0..<count).map { Float(0.5 * sin(2 * .pi * frequency * Double($0) / Double(rate))) }
}

/// A 16-bit ramp that differs from recording to recording.
func ramp(_ count: Int, from start: Int = 0) -> [Int16] {
    (0..<count).map { Int16(truncatingIfNeeded: start + $0) }
}

/// The path of a file in `Fixtures`.
func fixture(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/\(name)").path
}

/// What a recording has: its samples are counted, and have to be as many as the header tells.
func countedSamples(_ path: String, sampleRate: Int = 16000) throws -> Int {
    let count = try AudioFile.read(path, sampleRate: sampleRate).samples.count
    #expect(try AudioFile.info(path).frames == count, "\(path)")
    return count
}

func bytes(of path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}
