/// The element types of torch's storages.
package enum TorchType: String, Sendable {
    case float16 = "Half"
    case bfloat16 = "BFloat16"
    case float32 = "Float"
    case float64 = "Double"
    case uint8 = "Byte"
    case int8 = "Char"
    case int16 = "Short"
    case int32 = "Int"
    case int64 = "Long"
    case boolean = "Bool"
    case complex64 = "ComplexFloat"
    case complex128 = "ComplexDouble"
    case untyped = "Untyped"
    // Quantized ones are passed over only: in the stream, what comes behind them is found by their sizes.
    case quantizedInt8 = "QInt8"
    case quantizedUInt8 = "QUInt8"
    case quantizedInt32 = "QInt32"
    case quantizedUInt4x2 = "QUInt4x2"
    case quantizedUInt2x4 = "QUInt2x4"

    /// - Parameter storageClass: `torch.HalfStorage`, `torch.cuda.HalfStorage`, `torch.storage.UntypedStorage`.
    package init?(storageClass: String) {
        let suffix = "Storage"
        guard storageClass.hasPrefix("torch."), storageClass.hasSuffix(suffix) else { return nil }
        var name = (storageClass.split(separator: ".").last ?? "").dropLast(suffix.count)
        if name.first == "_" { name = name.dropFirst() }
        self.init(rawValue: String(name))
    }

    /// - Parameter dtype: `torch.float16`.
    package init?(dtype: String) {
        switch dtype {
        case "torch.float16", "torch.half": self = .float16
        case "torch.bfloat16": self = .bfloat16
        case "torch.float32", "torch.float": self = .float32
        case "torch.float64", "torch.double": self = .float64
        case "torch.uint8": self = .uint8
        case "torch.int8": self = .int8
        case "torch.int16": self = .int16
        case "torch.int32": self = .int32
        case "torch.int64": self = .int64
        case "torch.bool": self = .boolean
        case "torch.complex64": self = .complex64
        case "torch.complex128": self = .complex128
        default: return nil
        }
    }

    /// Bytes of one element.
    package var size: Int {
        switch self {
        case .uint8, .int8, .boolean, .untyped: 1
        case .quantizedInt8, .quantizedUInt8, .quantizedUInt4x2, .quantizedUInt2x4: 1
        case .float16, .bfloat16, .int16: 2
        case .float32, .int32, .quantizedInt32: 4
        case .float64, .int64, .complex64: 8
        case .complex128: 16
        }
    }

    package var isFloatingPoint: Bool {
        switch self {
        case .float16, .bfloat16, .float32, .float64: true
        default: false
        }
    }
}
