import Files

/// A file of torch that cannot be used, and why.
package indirect enum TorchError: Error, Equatable {
    case damaged(String)
    /// Whole, but of a kind that is not read.
    case unread(String)
    /// Something else than a file of `torch.save`, with the way to one.
    case other(String)
    case zip(ZipReaderError)
    case pickle(PickleError)
    case cut(ByteCursorError)
    /// One of those above in the file of that name.
    case file(path: String, TorchError)
    /// A tensor has another number of elements than there is room for.
    case wrongCount(path: String, count: Int, room: Int)
    case notFloatingPoint(path: String, type: TorchType)
    /// A tensor whose elements lie so far apart that much more would have to be read.
    case scattered(path: String, shape: [Int], byteCount: Int)

    /// What went wrong in a file.
    /// - Returns: nil for an error that names the file already.
    init?(_ error: any Error, in path: String) {
        switch error {
        case let error as TorchError: self = .file(path: path, error)
        case let error as ZipReaderError: self = .file(path: path, .zip(error))
        case let error as PickleError: self = .file(path: path, .pickle(error))
        case let error as ByteCursorError: self = .file(path: path, .cut(error))
        default: return nil
        }
    }

    /// Whether another copy of the file may be whole.
    private var isDamage: Bool {
        switch self {
        case .damaged, .cut, .pickle(.damaged), .zip(.damaged), .zip(.noDirectory): true
        default: false
        }
    }
}

extension TorchError: CustomStringConvertible {
    /// Without `file`, the rest of a sentence that begins with the name of the file.
    package var description: String {
        switch self {
        case .damaged(let problem): "damaged: \(problem)"
        case .unread(let problem): "of a kind that is not read: \(problem)"
        case .other(let description): description
        case .zip(let error): "\(error)"
        case .pickle(let error): "\(error)"
        case .cut(let error): "\(error)"
        case .file(let path, let problem):
            "\(path) is \(problem)" + (problem.isDamage ? "; use a complete file" : "")
        case .wrongCount(let path, let count, let room):
            "\(path): a tensor has \(count) elements, not \(room)"
        case .notFloatingPoint(let path, let type):
            "\(path): a tensor holds elements of type \(type.rawValue), not floating point"
        case .scattered(let path, let shape, let byteCount):
            "\(path): a tensor of shape \(shape) is spread over \(byteCount) bytes; save it again after "
                + "contiguous()"
        }
    }
}
