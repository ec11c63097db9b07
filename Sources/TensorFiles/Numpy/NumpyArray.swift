import Files

/// An array of a `.npy` file, versions 1 to 3 (numpy.lib.format).
public struct NumpyArray: Sendable {
    /// Slowest dimension first; empty for a single number.
    public let shape: [Int]
    private let elements: Elements

    private enum Elements: Sendable {
        case integers([Int64])
        case floats([Double])
        case singles([Float])
    }

    /// - Throws: `FileError` where the file cannot be read, or is no array of real numbers.
    public init(path: String) throws {
        let file = try InputFile(path: path)
        try self.init(path, try file.bytes(0..<file.count))
    }

    /// - Parameters:
    ///   - title: what messages call the array.
    ///   - bytes: of the whole file.
    /// - Throws: `FileError` where they are no array of real numbers.
    package init(_ title: String, _ bytes: [UInt8]) throws {
        func unusable(_ problem: String) -> FileError { .unusable(path: title, problem: problem) }
        let header: (text: String, end: Int)
        do {
            header = try bytes.withUnsafeBytes { try Self.header($0) }
        } catch {
            throw unusable("is no NumPy array: \(error); write it with numpy.save")
        }
        guard let type = Self.quoted(after: "'descr':", in: header.text),
            let order = Self.word(after: "'fortran_order':", in: header.text),
            let shape = Self.shape(in: header.text)
        else { throw unusable("has a header that is not NumPy's; write it with numpy.save") }
        guard let element = Element(type) else {
            throw unusable("has elements of type \(Files.quoted(type)); convert it to int32 or float32")
        }
        let isTransposed = order == "True" && shape.count > 1
        guard
            let count = shape.reduce(
                Optional(1),
                { product, size in
                    guard let (value, overflow) = product?.multipliedReportingOverflow(by: size) else {
                        return nil
                    }
                    return overflow ? nil : value
                }), count <= bytes.count, bytes.count - header.end == count * element.size
        else { throw unusable("has another length than its shape \(shape) calls for; write it anew") }
        self.shape = shape
        let place: (Int) -> Int = { header.end + $0 * element.size }
        let source = isTransposed ? Self.transposed(shape) : nil
        elements = bytes.withUnsafeBytes { bytes in
            func read<Value>(_ convert: (UnsafeRawBufferPointer, Int) -> Value) -> [Value] {
                (0..<count).map { convert(bytes, place(source?[$0] ?? $0)) }
            }
            switch element.kind {
            case .integer: return .integers(read { element.integer($0, at: $1) })
            case .float where element.size == 4 && !element.isBig && source == nil:
                return .singles(
                    [Float](unsafeUninitializedCapacity: count) { values, initialized in
                        UnsafeMutableRawBufferPointer(values).copyMemory(
                            from: UnsafeRawBufferPointer(rebasing: bytes[header.end..<header.end + 4 * count])
                        )
                        initialized = count
                    })
            case .float where element.size == 4: return .singles(read { element.single($0, at: $1) })
            case .float: return .floats(read { element.double($0, at: $1) })
            }
        }
    }

    public var count: Int { shape.reduce(1, *) }

    /// Whether the elements are written as floating-point numbers.
    public var isFloating: Bool { if case .integers = elements { false } else { true } }

    /// Row-major.
    public var doubles: [Double] {
        switch elements {
        case .integers(let values): values.map(Double.init)
        case .floats(let values): values
        case .singles(let values): values.map(Double.init)
        }
    }

    /// Row-major.
    public var floats: [Float] {
        switch elements {
        case .integers(let values): values.map(Float.init)
        case .floats(let values): values.map(Float.init)
        case .singles(let values): values
        }
    }

    /// Row-major; nil where an element is no whole number.
    public var integers: [Int]? {
        switch elements {
        case .integers(let values): values.map(Int.init)
        case .floats(let values): Self.whole(values)
        case .singles(let values): Self.whole(values)
        }
    }

    private static func whole(_ values: [some BinaryFloatingPoint]) -> [Int]? {
        let integers = values.compactMap { Int(exactly: $0) }
        return integers.count == values.count ? integers : nil
    }
}

extension NumpyArray {
    /// The dictionary of the header, and where the elements begin.
    private static func header(_ bytes: UnsafeRawBufferPointer) throws -> (text: String, end: Int) {
        var cursor = ByteCursor(bytes)
        guard try cursor.take(6).elementsEqual([0x93] + Array("NUMPY".utf8)) else {
            throw FileError.unusable(path: "its beginning", problem: "is not that of one")
        }
        let version = try cursor.integer(UInt8.self)
        _ = try cursor.integer(UInt8.self)
        let length =
            version == 1 ? Int(try cursor.integer(UInt16.self)) : Int(try cursor.integer(UInt32.self))
        let text = String(decoding: try cursor.take(length), as: UTF8.self)
        return (text, cursor.position)
    }

    private static func rest(after key: String, in text: String) -> Substring? {
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix(key) { return rest.dropFirst(key.count).drop { $0 == " " } }
            rest.removeFirst()
        }
        return nil
    }

    private static func quoted(after key: String, in text: String) -> String? {
        guard let rest = rest(after: key, in: text), rest.first == "'" else { return nil }
        return String(rest.dropFirst().prefix { $0 != "'" })
    }

    private static func word(after key: String, in text: String) -> Substring? {
        rest(after: key, in: text)?.prefix { $0.isLetter }
    }

    private static func shape(in text: String) -> [Int]? {
        guard let rest = rest(after: "'shape':", in: text), rest.first == "(" else { return nil }
        let sizes = rest.dropFirst().prefix { $0 != ")" }.split { $0 == "," || $0 == " " }.map { Int($0) }
        let known = sizes.compactMap { $0 }.filter { $0 >= 0 }
        return known.count == sizes.count && known.count <= 32 ? known : nil
    }

    /// For each element of the row-major array its place in one whose first dimension is the fastest.
    private static func transposed(_ shape: [Int]) -> [Int] {
        var places = [0]
        var stride = 1
        for size in shape {
            places = places.flatMap { place in (0..<size).map { place + $0 * stride } }
            stride *= size
        }
        return places
    }

    private struct Element {
        enum Kind { case integer, float }

        let kind: Kind
        let size: Int
        let isSigned: Bool
        let isBig: Bool

        /// - Parameter name: byte order, kind, size.
        init?(_ name: String) {
            let characters = Array(name)
            guard characters.count == 3, let size = characters[2].wholeNumberValue else { return nil }
            switch characters[1] {
            case "i" where [1, 2, 4, 8].contains(size), "u" where [1, 2, 4, 8].contains(size),
                "b" where size == 1:
                kind = .integer
            case "f" where [2, 4, 8].contains(size): kind = .float
            default: return nil
            }
            (self.size, isSigned, isBig) = (size, characters[1] == "i", characters[0] == ">")
        }

        private func bits(_ bytes: UnsafeRawBufferPointer, at place: Int) -> UInt64 {
            var bits: UInt64 = 0
            for index in 0..<size {
                bits |= UInt64(bytes[place + index]) << UInt64(8 * (isBig ? size - 1 - index : index))
            }
            return bits
        }

        func integer(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Int64 {
            let bits = bits(bytes, at: place)
            let unused = UInt64(64 - 8 * size)
            return isSigned ? Int64(bitPattern: bits << unused) >> Int64(unused) : Int64(clamping: bits)
        }

        func single(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Float {
            Float(bitPattern: UInt32(truncatingIfNeeded: bits(bytes, at: place)))
        }

        func double(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Double {
            let bits = bits(bytes, at: place)
            return size == 8
                ? Double(bitPattern: bits) : Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
        }
    }
}
