import Files

/// A safetensors file that cannot be read or written as asked, in one line that names the file.
public enum SafetensorsError: Error, Equatable {
    case unreadable(path: String, SafetensorsProblem)
    case missing(path: String, tensor: String)
    case wrongType(path: String, tensor: String, type: SafetensorsType, expected: String)
    /// A tensor has another number of elements than there is room for.
    case wrongCount(path: String, tensor: String, count: Int, room: Int)
    /// An element above `Int64.max`.
    case tooLarge(path: String, tensor: String, element: UInt64)
    /// A name is used twice, or is the header's own.
    case nameTaken(path: String, tensor: String)
    case wrongShape(path: String, tensor: String, shape: [Int])
    /// The bytes that were given do not fill the shape.
    case wrongByteCount(path: String, tensor: String, shape: [Int], given: Int, needed: Int)
    case longHeader(path: String, byteCount: Int)
    /// The bytes of a tensor are not those that were written.
    case damaged(path: String, tensor: String)
}

extension SafetensorsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let problem): "\(path) \(problem); use a complete file"
        case .missing(let path, let tensor): "\(path) has no tensor \(quoted(tensor))"
        case .wrongType(let path, let tensor, let type, let expected):
            "\(path): tensor \(quoted(tensor)) has the type \(type.rawValue) instead of \(expected)"
        case .wrongCount(let path, let tensor, let count, let room):
            "\(path): tensor \(quoted(tensor)) has \(count) elements, not \(room)"
        case .tooLarge(let path, let tensor, let element):
            "\(path): tensor \(quoted(tensor)) holds \(element), which is too large"
        case .nameTaken(let path, let tensor):
            "\(path) is not written: the name \(quoted(tensor)) is taken twice"
        case .wrongShape(let path, let tensor, let shape):
            "\(path) is not written: tensor \(quoted(tensor)) cannot have the shape \(shape)"
        case .wrongByteCount(let path, let tensor, let shape, let given, let needed):
            "\(path) is not written: tensor \(quoted(tensor)) of shape \(shape) got \(given) bytes instead of "
                + "\(needed)"
        case .longHeader(let path, let byteCount):
            "\(path) is not written: its header of \(byteCount) bytes is too long"
        case .damaged(let path, let tensor):
            "\(path) \(SafetensorsProblem.wrongChecksum(tensor: tensor)); use another copy"
        }
    }
}

/// What is wrong with the header of a safetensors file: the rest of a sentence that begins with its name.
public enum SafetensorsProblem: Error, Equatable {
    case tooShort
    case notSafetensors(headerBytes: UInt64)
    /// The header, or what it describes, needs more bytes than there are.
    case truncated(part: String, needed: Int, actual: Int)
    case notJSON(JSONError)
    /// The header is JSON but describes no file of tensors.
    case damagedHeader(String)
    case unknownType(tensor: String, type: String)
    /// The header, or the tensor of that name, is not as it was written.
    case wrongChecksum(tensor: String?)
    /// Bytes after the last tensor.
    case remainder(Int)
}

extension SafetensorsProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooShort: "is too short for a safetensors file"
        case .notSafetensors(let bytes): "is not a safetensors file: its header would have \(bytes) bytes"
        case .truncated(let part, let needed, let actual):
            "is truncated: its \(part) \(needed) bytes, the file has \(actual)"
        case .notJSON(let error): "has a damaged header: \(error)"
        case .damagedHeader(let problem): "has a damaged header: \(problem)"
        case .unknownType(let tensor, let type):
            "cannot be read: tensor \(quoted(tensor)) has the type \(quoted(type))"
        case .wrongChecksum(let tensor):
            "is damaged: \(tensor.map { "tensor " + quoted($0) } ?? "its description") is not what was written "
                + "(another program that changes a file says so: \(SafetensorsChecksums.mark) in its metadata)"
        case .remainder(let bytes): "is damaged: \(bytes) bytes at its end belong to no tensor"
        }
    }
}
