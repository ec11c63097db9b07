import Files

extension SafetensorsFile {
    /// The elements of a tensor of floating-point type (F32, F64, F16 or BF16), row-major.
    /// - Throws: `SafetensorsError` when there is no such tensor or it has another type, `FileError` where it
    ///   cannot be read.
    public func floats(_ name: String) throws -> [Float] {
        let count = try entry(name).count
        return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            try read(name, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initialized = count
        }
    }

    /// Writes the elements of a tensor of floating-point type, row-major.
    /// - Parameter target: as many elements as the tensor has.
    /// - Throws: as `floats`.
    public func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
        let entry = try entry(name)
        guard entry.count == target.count else {
            throw SafetensorsError.wrongCount(
                path: path, tensor: name, count: entry.count, room: target.count)
        }
        switch entry.dtype {
        case .float32: try read(name, entry, into: UnsafeMutableRawBufferPointer(target))
        case .float64:
            try convert(name, entry, into: target) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        case .float16:
            try convert(name, entry, into: target) { (bits: UInt16) in Float(Float16(bitPattern: bits)) }
        // BF16 is the upper half of F32.
        case .bfloat16:
            try convert(name, entry, into: target) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
        default: throw wrongType(name, entry, expected: "F32, F64, F16 or BF16")
        }
    }

    /// The elements of a tensor of integer type or BOOL, row-major.
    /// - Throws: `SafetensorsError` when there is no such tensor, it has another type or an element above
    ///   `Int64.max`, `FileError` where it cannot be read.
    public func integers(_ name: String) throws -> [Int64] {
        let entry = try entry(name)
        return try [Int64](unsafeUninitializedCapacity: entry.count) { buffer, initialized in
            let target = UnsafeMutableBufferPointer(rebasing: buffer[..<entry.count])
            switch entry.dtype {
            case .boolean, .uint8:
                try convert(name, entry, into: target) { (element: UInt8) in Int64(element) }
            case .int8: try convert(name, entry, into: target) { (element: Int8) in Int64(element) }
            case .uint16: try convert(name, entry, into: target) { (element: UInt16) in Int64(element) }
            case .int16: try convert(name, entry, into: target) { (element: Int16) in Int64(element) }
            case .uint32: try convert(name, entry, into: target) { (element: UInt32) in Int64(element) }
            case .int32: try convert(name, entry, into: target) { (element: Int32) in Int64(element) }
            case .int64: try convert(name, entry, into: target) { (element: Int64) in element }
            case .uint64:
                try convert(name, entry, into: target) { (element: UInt64) in
                    guard let value = Int64(exactly: element) else {
                        throw SafetensorsError.tooLarge(path: path, tensor: name, element: element)
                    }
                    return value
                }
            default: throw wrongType(name, entry, expected: "an integer type")
            }
            initialized = entry.count
        }
    }

    private func wrongType(_ name: String, _ entry: Entry, expected: String) -> SafetensorsError {
        .wrongType(path: path, tensor: name, type: entry.dtype, expected: expected)
    }

    /// Elements, little-endian as everything in the format, each converted.
    private func convert<Element: FixedWidthInteger, Value: BitwiseCopyable>(
        _ name: String, _ entry: Entry, into target: UnsafeMutableBufferPointer<Value>,
        _ value: (Element) throws -> Value
    ) throws {
        let size = MemoryLayout<Element>.size
        var piece = [UInt8](repeating: 0, count: max(1, min(entry.bytes.count, Self.piece)))
        try piece.withUnsafeMutableBytes { piece in
            try read(name, entry, through: piece) { bytes, start in
                for index in 0..<bytes.count / size {
                    let element = bytes.loadUnaligned(fromByteOffset: index * size, as: Element.self)
                    target.initializeElement(
                        at: start / size + index, to: try value(Element(littleEndian: element)))
                }
            }
        }
    }
}
