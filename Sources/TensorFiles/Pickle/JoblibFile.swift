import Files

/// An object that `joblib.dump` has written, as data: a pickle in which the bytes of arrays follow what describes them.
///
/// Nothing is called or imported. Of the arrays those can be read that are attributes of the object, such as
/// `cluster_centers_` of scikit-learn's `KMeans` and `MiniBatchKMeans`.
public struct JoblibFile: Sendable {
    private let path: String
    private let bytes: [UInt8]
    private let document: PickleDocument

    /// The class of what describes an array.
    static let wrapper = "joblib.numpy_pickle.NumpyArrayWrapper"

    /// - Throws: `FileError` where the file cannot be read, or is no such pickle.
    public init(path: String) throws {
        self.path = path
        let file = try InputFile(path: path)
        bytes = try file.bytes(0..<file.count)
        guard bytes.first == 0x80 else {
            throw FileError.unusable(
                path: path,
                problem:
                    "is no uncompressed file of joblib; write it with joblib.dump(model, file, compress=0)")
        }
        do {
            document = try PickleMachine.read(bytes, in: 0..<bytes.count)
        } catch {
            throw FileError.unusable(path: path, problem: "is \(error); write it anew with joblib.dump")
        }
    }

    /// An array that is an attribute of the object.
    /// - Throws: `FileError` where there is none of real numbers.
    public func array(_ name: String) throws -> (shape: [Int], values: [Double]) {
        guard let root = document.object(document.root),
            let value = document.value(name, in: root.state), let object = document.object(value)
        else {
            throw FileError.unusable(
                path: path, problem: "has no attribute \(quoted(name)); give a fitted model of scikit-learn")
        }
        guard let array = JoblibArray(object, document), array.isFloat, object.elements.count == 2,
            case .integer(let start) = object.elements[0], case .integer(let count) = object.elements[1]
        else {
            throw FileError.unusable(
                path: path, problem: "has in \(quoted(name)) no plain array of floats; convert it to float32")
        }
        return (array.shape, array.values(Array(bytes[start..<start + count])))
    }
}

/// The description of an array in a file of joblib.
struct JoblibArray {
    let shape: [Int]
    /// Bytes of an element, a float.
    private let size: Int
    private let isTransposed: Bool
    /// Whether the elements can be read.
    let isFloat: Bool
    /// Where the elements begin at a multiple of this; nil in files of older versions.
    let alignment: Int?

    /// - Parameter wrapper: an instance with its attributes.
    init?(_ wrapper: PickleObject, _ document: PickleDocument) {
        self.init(wrapper) { document.object($0) }
    }

    init?(_ wrapper: PickleObject, object: (PickleValue) -> PickleObject?) {
        guard wrapper.type == JoblibFile.wrapper, let state = object(wrapper.state), state.kind == .dictionary
        else {
            return nil
        }
        func attribute(_ name: String) -> PickleValue? { state.entries.last { $0.key == .text(name) }?.value }
        guard let sizes = attribute("shape").flatMap(object)?.elements,
            let type = attribute("dtype").flatMap(object), type.type == "numpy.dtype",
            case .text(let name)? = object(type.arguments)?.elements.first
        else { return nil }
        var shape: [Int] = []
        for size in sizes {
            guard case .integer(let size) = size, (0..<1 << 40).contains(size) else { return nil }
            shape.append(size)
        }
        guard let size = name.last.flatMap(\.wholeNumberValue), name.count == 2, name.first != "O" else {
            return nil
        }
        // A type of another byte order says so in its state.
        if case .text(">")? = object(type.state)?.elements.dropFirst().first { return nil }
        (self.shape, self.size) = (shape, size)
        isFloat = name.first == "f" && (size == 4 || size == 8)
        isTransposed = attribute("order") == .text("F") && shape.count > 1
        if case .integer(let bytes)? = attribute("numpy_array_alignment_bytes") {
            alignment = bytes
        } else {
            alignment = nil
        }
    }

    /// Of the elements; nil where there are too many.
    var byteCount: Int? {
        var count = size
        for size in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            if overflow { return nil }
            count = product
        }
        return count
    }

    /// Row-major.
    func values(_ bytes: [UInt8]) -> [Double] {
        let values = bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / size).map { index in
                size == 4
                    ? Double(
                        Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
                    : Double(bitPattern: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
            }
        }
        guard isTransposed, shape.count == 2 else { return values }
        return (0..<values.count).map { values[$0 % shape[1] * shape[0] + $0 / shape[1]] }
    }
}

extension PickleMachine {
    /// Passes over the elements of an array, which joblib writes behind its description, and notes where they are.
    mutating func passArray(_ instance: Int) throws {
        let array = JoblibArray(objects[instance]) { value in
            guard case .object(let index) = value, objects.indices.contains(index) else { return nil }
            return objects[index]
        }
        guard let array, let count = array.byteCount else {
            throw PickleError.misstep("an array of objects, or of a type that is not read")
        }
        // A byte with the length of the padding, and the padding.
        if array.alignment != nil { _ = try cursor.take(cursor.integer(UInt8.self)) }
        let start = cursor.position
        _ = try cursor.take(count)
        objects[instance].elements = [.integer(start), .integer(count)]
    }
}
