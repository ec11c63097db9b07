import Files

/// Writes a Kaldi archive with its index, `ark,scp:X.ark,X.scp`, in binary.
///
/// An entry of the archive is the key, a space, `\0B`, and the object as Kaldi's holders write it: a matrix
/// (`KaldiObjectHolder<Matrix<float>>`) or a vector of integers (`BasicVectorHolder<int32>`). Numbers are
/// little-endian, each integer behind a byte with its size. The index has a line `key X.ark:offset` for each,
/// with the offset of the `\0B`.
public final class ArkWriter {
    private let archivePath: String
    private let archive: any ByteOutput
    private let index: any ByteOutput
    /// Bytes in the archive so far.
    private var offset = 0

    /// - Parameters:
    ///   - archive: path of the archive, as it is to stand in the index.
    ///   - index: path of the index.
    ///   - begin: begins a file; by default one that appears when it is committed.
    /// - Throws: `FileError` where the files cannot be written, `OutputError` for a path that an index cannot
    ///   hold.
    public init(
        archive: String, index: String,
        begin: (String) throws -> any ByteOutput = { try AtomicFile(path: $0) }
    ) throws {
        guard !archive.contains(where: \.isNewline), archive.first?.isWhitespace == false else {
            throw OutputError.kaldi(
                name: quoted(archive), problem: " cannot stand in a Kaldi index; rename it")
        }
        archivePath = archive
        self.archive = try begin(archive)
        self.index = try begin(index)
    }

    /// What is wrong with a key; nil where it can be used. White space is what ends a key, in Kaldi and in
    /// Python's readers, which take control characters for it too.
    package static func problem(key: ByteString) -> String? {
        if key.isEmpty { return "is empty" }
        let isBroken = key.description.unicodeScalars.contains {
            $0.properties.isWhitespace || $0.value < 0x20
        }
        return isBroken ? "contains white space" : nil
    }

    /// Appends a matrix of single precision.
    /// - Parameter values: [rows, columns], row-major.
    /// - Throws: `FileError`, or `OutputError` for a key with white space or a matrix that is too large.
    public func add(
        _ key: ByteString, rows: Int, columns: Int, _ values: UnsafeBufferPointer<Float>
    ) throws {
        let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
        guard let rows = Int32(exactly: rows), let columns = Int32(exactly: columns), !overflow,
            rows >= 0, count == values.count
        else {
            throw OutputError.kaldi(
                name: "\(key)", problem: ": \(rows) × \(columns) is no size of a matrix in Kaldi's format")
        }
        var head = Array("FM ".utf8)
        head.append(sized: rows)
        head.append(sized: columns)
        try add(key, head)
        try write(UnsafeRawBufferPointer(values))
    }

    /// Appends a vector of integers.
    /// - Throws: `FileError`, or `OutputError` for a key with white space or a vector that is too long.
    public func add(_ key: ByteString, _ values: [Int32]) throws {
        guard let count = Int32(exactly: values.count) else {
            throw OutputError.kaldi(
                name: "\(key)", problem: ": \(values.count) ids are too many for a vector in Kaldi's format")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(5 * (values.count + 1))
        bytes.append(sized: count)
        for value in values { bytes.append(sized: value) }
        try add(key, bytes)
    }

    /// Makes the archive and then its index final.
    /// - Throws: `FileError`.
    public func commit() throws {
        try archive.commit()
        try index.commit()
    }

    private func add(_ key: ByteString, _ object: [UInt8]) throws {
        if let problem = Self.problem(key: key) {
            throw OutputError.kaldi(name: archivePath, problem: ": the key \(quoted(key)) \(problem)")
        }
        try write(key.bytes + [UInt8(ascii: " ")])
        try index.write(key.bytes + Array(" \(archivePath):\(offset)\n".utf8))
        try write([0, UInt8(ascii: "B")] + object)
    }

    private func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        try archive.write(bytes)
        offset += bytes.count
    }
}

/// The two files of an archive.
package struct ArkPaths {
    package let archive: String
    package let index: String

    /// - Parameters:
    ///   - output: `X` or `X.ark`.
    ///   - part: of the name, before the suffixes, for a second archive.
    package init(output: String, part: String = "") {
        self.init(base: output.hasSuffix(".ark") ? String(output.dropLast(4)) : output, part)
    }

    /// Those to which a file belongs, `X.ark` or `X.scp`; or of which it is the name without either.
    package init(of file: String, part: String = "") {
        let isNamed = file.hasSuffix(".ark") || file.hasSuffix(".scp")
        self.init(base: isNamed ? String(file.dropLast(4)) : file, part)
    }

    private init(base: String, _ part: String) {
        (archive, index) = ("\(base)\(part).ark", "\(base)\(part).scp")
    }
}

extension [UInt8] {
    /// An integer as Kaldi writes it: its size in bytes, then its bytes.
    fileprivate mutating func append(sized value: Int32) {
        append(4)
        append(little: value)
    }
}
