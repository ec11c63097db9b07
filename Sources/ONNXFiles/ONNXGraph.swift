import Foundation

/// The operations of an ONNX model, added in the order in which they are computed.
struct ONNXGraph {
    /// A value: an input, a constant or the result of an operation.
    struct Value { let name: String }

    enum Attribute {
        case integer(String, Int)
        case integers(String, [Int])
    }

    private(set) var message = ONNXGraphProto()

    init(name: String) { message.name = name }

    /// - Parameter shape: nil for a size that is known at run time only, with its name.
    mutating func input(_ name: String, _ type: ONNXTensorProto.DataType, shape: [Dimension]) -> Value {
        message.input.append(Self.description(name, type, shape))
        return Value(name: name)
    }

    /// Declares what an operation named `name` (see `add`) gives.
    mutating func output(_ value: Value, _ type: ONNXTensorProto.DataType, shape: [Dimension]) {
        message.output.append(Self.description(value.name, type, shape))
    }

    /// - Parameter name: of the result; by default the operation and a number.
    mutating func add(
        _ operation: String, _ inputs: Value..., attributes: [Attribute] = [], name: String? = nil
    ) -> Value {
        let result = name ?? "\(operation)_\(message.node.count)"
        var node = ONNXNodeProto()
        node.opType = operation
        node.name = result
        node.input = inputs.map(\.name)
        node.output = [result]
        node.attribute = attributes.map(Self.attribute)
        message.node.append(node)
        return Value(name: result)
    }

    /// - Parameter floats: row-major.
    mutating func constant(_ name: String, shape: [Int], floats: [Float]) -> Value {
        constant(name, .float, shape: shape, data: floats.withUnsafeBytes { Data($0) })
    }

    mutating func constant(_ value: Float) -> Value { constant(anonymous, shape: [], floats: [value]) }

    mutating func constant(_ value: Double) -> Value {
        constant(anonymous, .double, shape: [], data: withUnsafeBytes(of: value) { Data($0) })
    }

    mutating func constant(_ integers: [Int]) -> Value {
        let data = integers.map(Int64.init).withUnsafeBytes { Data($0) }
        return constant(anonymous, .int64, shape: [integers.count], data: data)
    }

    private var anonymous: String { "constant_\(message.initializer.count)" }

    private mutating func constant(
        _ name: String, _ type: ONNXTensorProto.DataType, shape: [Int], data: Data
    ) -> Value {
        var tensor = ONNXTensorProto()
        tensor.name = name
        tensor.dataType = type
        tensor.dims = shape.map(Int64.init)
        tensor.rawData = data
        message.initializer.append(tensor)
        return Value(name: name)
    }

    private static func attribute(_ attribute: Attribute) -> ONNXAttributeProto {
        var message = ONNXAttributeProto()
        switch attribute {
        case .integer(let name, let value):
            (message.name, message.type, message.i) = (name, .int, Int64(value))
        case .integers(let name, let values):
            (message.name, message.type, message.ints) = (name, .ints, values.map(Int64.init))
        }
        return message
    }

    private static func description(
        _ name: String, _ type: ONNXTensorProto.DataType, _ shape: [Dimension]
    ) -> ONNXValueInfoProto {
        var message = ONNXValueInfoProto()
        message.name = name
        message.type.tensorType.elemType = type
        message.type.tensorType.shape.dim = shape.map { size in
            var dimension = ONNXTensorShapeProto.Dimension()
            switch size {
            case .fixed(let size): dimension.dimValue = Int64(size)
            case .named(let name): dimension.dimParam = name
            }
            return dimension
        }
        return message
    }

    enum Dimension {
        case fixed(Int)
        /// Known at run time only.
        case named(String)
    }
}
