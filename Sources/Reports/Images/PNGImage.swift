import CZlib
import Foundation

/// A picture of 8-bit RGB as a PNG file (ISO/IEC 15948).
public struct PNGImage: Sendable, Equatable {
    public let width: Int
    public let height: Int
    /// The whole file.
    public let bytes: [UInt8]

    /// - Parameter pixels: [height, width, 3], the top row first.
    /// - Precondition: the sizes are positive and those of the pixels.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(
            width > 0 && height > 0 && pixels.count == 3 * width * height,
            "\(pixels.count) values are no picture of \(width) × \(height)")
        (self.width, self.height) = (width, height)
        func bigEndian(_ value: Int) -> [UInt8] { littleEndian(UInt32(value)).reversed() }
        func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
            let body = Array(type.utf8) + data
            return bigEndian(data.count) + body + bigEndian(Int(crc32(0, body, UInt32(body.count))))
        }
        // 8 bits a channel, RGB, the only compression, filter and no interlacing.
        let header = bigEndian(width) + bigEndian(height) + [8, 2, 0, 0, 0]
        var rows: [UInt8] = []
        rows.reserveCapacity((3 * width + 1) * height)
        for row in 0..<height {
            // Filter 0: values as they are.
            rows.append(0)
            rows += pixels[3 * width * row..<3 * width * (row + 1)]
        }
        bytes =
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
            + chunk("IDAT", Self.deflated(rows)) + chunk("IEND", [])
    }

    /// For `src` and `href` of a page.
    public var dataURL: String { "data:image/png;base64," + Data(bytes).base64EncodedString() }

    private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        let bound = compressBound(uLong(bytes.count))
        return [UInt8](unsafeUninitializedCapacity: Int(bound)) { target, count in
            var size = bound
            let code = compress2(target.baseAddress, &size, bytes, uLong(bytes.count), 6)
            precondition(code == Z_OK, "zlib cannot compress \(bytes.count) bytes: \(code)")
            count = Int(size)
        }
    }
}
