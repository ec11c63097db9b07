import CZlib
import Foundation
import Reports
import Testing

@Suite struct ImageTests {
    /// The chunks of a PNG file, their checksums checked.
    private func chunks(_ bytes: [UInt8]) throws -> [(type: String, data: [UInt8])] {
        #expect(Array(bytes.prefix(8)) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
        var rest = bytes[8...]
        var chunks: [(type: String, data: [UInt8])] = []
        while !rest.isEmpty {
            let count = number(rest.prefix(4))
            try #require(rest.count >= count + 12)
            let body = Array(rest.dropFirst(4).prefix(count + 4))
            #expect(number(rest.dropFirst(8 + count).prefix(4)) == Int(crc32(0, body, UInt32(body.count))))
            chunks.append((String(decoding: body.prefix(4), as: UTF8.self), Array(body.dropFirst(4))))
            rest = rest.dropFirst(count + 12)
        }
        return chunks
    }

    @Test func aPictureIsAWholePNG() throws {
        let pixels = (0..<3 * 5 * 2).map { UInt8($0 * 8) }
        let image = PNGImage(width: 5, height: 2, pixels: pixels)
        let chunks = try chunks(image.bytes)
        #expect(chunks.map(\.type) == ["IHDR", "IDAT", "IEND"])
        #expect(chunks[0].data == [0, 0, 0, 5, 0, 0, 0, 2, 8, 2, 0, 0, 0])
        var rows = [UInt8](repeating: 1, count: 32)
        var size = uLong(rows.count)
        #expect(uncompress(&rows, &size, chunks[1].data, uLong(chunks[1].data.count)) == Z_OK)
        let expected: [[UInt8]] = [[0], Array(pixels.prefix(15)), [0], Array(pixels.suffix(15))]
        #expect(rows == expected.flatMap { $0 })
        #expect(image.dataURL.hasPrefix("data:image/png;base64,iVBORw0KGgo"))
    }

    /// A tone of 2 kHz lies a quarter of the way up to 8 kHz.
    @Test func aToneIsALineAtItsFrequency() throws {
        let tone = (0..<16000).map { Float(0.5 * sin(2 * Double.pi * 2000 * Double($0) / 16000)) }
        let spectrogram = Spectrogram(tone, sampleRate: 16000)
        #expect(spectrogram.frames == 98)
        for frame in 0..<spectrogram.frames {
            let row = spectrogram.values[frame * Spectrogram.bands..<(frame + 1) * Spectrogram.bands]
            let top = try #require(row.indices.max { row[$0] < row[$1] }) - row.startIndex
            #expect(abs(top - Spectrogram.bands / 4) <= 1)
            #expect(row.allSatisfy { (0...1).contains($0) })
        }
        #expect(spectrogram.image()?.height == Spectrogram.bands)
        #expect(spectrogram.image(units: [1, 2])?.height == Spectrogram.bands + 16)
        #expect(Spectrogram([0, 0], sampleRate: 16000).image() == nil)
    }

    @Test func coloursGetLighter() {
        let light = stride(from: 0.0, through: 1, by: 0.05).map { value in
            ColorScale.color(value).reduce(0) { $0 + Int($1) }
        }
        #expect(zip(light, light.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ColorScale.color(.nan) == ColorScale.color(0) && ColorScale.color(9) == ColorScale.color(1))
    }
}
