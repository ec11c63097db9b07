import Files

extension SafetensorsFile {
    /// The elements of a tensor of floating-point type (F32, F64, F16 or BF16), row-major.
    /// - Throws: `SafetensorsError` when there is no such tensor or it has another type.
    public func floats(_ name: String) throws -> [Float] {
        let entry = try entry(name)
        return try withUnsafeBytes(name) { bytes in
            switch entry.dtype {
            case .float32: convert(bytes, entry.count) { (element: UInt32) in Float(bitPattern: element) }
            case .float64:
                convert(bytes, entry.count) { (element: UInt64) in Float(Double(bitPattern: element)) }
            case .float16:
                convert(bytes, entry.count) { (element: UInt16) in Float(Float16(bitPattern: element)) }
            case .bfloat16:
                // BF16 is the upper half of F32.
                convert(bytes, entry.count) { (element: UInt16) in Float(bitPattern: UInt32(element) << 16) }
            default: throw wrongType(name, entry, expected: "F32, F64, F16 or BF16")
            }
        }
    }

    /// Hands over the elements of a tensor of floating-point type: without a copy where it is F32.
    /// - Throws: `SafetensorsError` when there is no such tensor or it has another type; what `body` throws.
    public func withUnsafeFloats<Result>(
        _ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) throws -> Result {
        let isFloat32 = try entry(name).dtype == .float32
        return try withUnsafeBytes(name) { bytes in
            // Other writers may leave the data at any address.
            let address = UInt(bitPattern: bytes.baseAddress)
            if isFloat32, address % UInt(MemoryLayout<Float>.alignment) == 0 {
                return try body(bytes.assumingMemoryBound(to: Float.self))
            }
            return try floats(name).withUnsafeBufferPointer(body)
        }
    }

    /// The elements of a tensor of integer type or BOOL, row-major.
    /// - Throws: `SafetensorsError` when there is no such tensor, it has another type or an element above
    ///   `Int64.max`.
    public func integers(_ name: String) throws -> [Int64] {
        let entry = try entry(name)
        return try withUnsafeBytes(name) { bytes in
            switch entry.dtype {
            case .boolean, .uint8: convert(bytes, entry.count) { (element: UInt8) in Int64(element) }
            case .int8: convert(bytes, entry.count) { (element: Int8) in Int64(element) }
            case .uint16: convert(bytes, entry.count) { (element: UInt16) in Int64(element) }
            case .int16: convert(bytes, entry.count) { (element: Int16) in Int64(element) }
            case .uint32: convert(bytes, entry.count) { (element: UInt32) in Int64(element) }
            case .int32: convert(bytes, entry.count) { (element: Int32) in Int64(element) }
            case .int64: convert(bytes, entry.count) { (element: Int64) in element }
            case .uint64:
                try convert(bytes, entry.count) { (element: UInt64) in
                    guard let value = Int64(exactly: element) else {
                        throw SafetensorsError(
                            "\(path): tensor \(quoted(name)) holds \(element), which is too large")
                    }
                    return value
                }
            default: throw wrongType(name, entry, expected: "an integer type")
            }
        }
    }

    private func wrongType(_ name: String, _ entry: Entry, expected: String) -> SafetensorsError {
        SafetensorsError(
            "\(path): tensor \(quoted(name)) has the type \(entry.dtype.rawValue) instead of \(expected)")
    }

    /// Elements at any alignment, little-endian as everything in the format, each converted.
    private func convert<Element: FixedWidthInteger, Value>(
        _ bytes: UnsafeRawBufferPointer, _ count: Int, _ value: (Element) throws -> Value
    ) rethrows -> [Value] {
        try [Value](unsafeUninitializedCapacity: count) { values, initialized in
            while initialized < count {
                let offset = initialized * MemoryLayout<Element>.size
                let element = Element(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Element.self))
                values.initializeElement(at: initialized, to: try value(element))
                initialized += 1
            }
        }
    }
}
