/// The lines of a file of text, read a piece at a time: memory is that of the longest line. A byte order mark is no part
/// of the first.
package struct LineReader {
    private let file: InputFile
    /// What was read and not handed over.
    private var piece: ArraySlice<UInt8> = []
    /// Of the next byte that is to be read.
    private var position = 0
    private var isFirst = true

    private static let pieceSize = 1 << 18
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    package init(_ file: InputFile) { self.file = file }

    /// The next line without its end; nil after the last. What follows the last line's end is no line.
    /// - Throws: `FileError` where the file cannot be read.
    package mutating func next() throws -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            if let end = piece.firstIndex(of: UInt8(ascii: "\n")) {
                line += piece[..<end]
                piece = piece[(end + 1)...]
                break
            }
            line += piece
            let left = min(Self.pieceSize, file.count - position)
            piece = try file.bytes(position..<position + left)[...]
            position += left
            if left == 0 {
                if line.isEmpty { return nil }
                break
            }
        }
        if isFirst, line.starts(with: Self.mark) { line.removeFirst(Self.mark.count) }
        isFirst = false
        return line
    }
}
