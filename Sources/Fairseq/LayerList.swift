import Files
import Layers
import TensorFiles
import Tensors
import VQWav2Vec

/// fairseq's lists of convolutions: Python source such as `[(512, 10, 5)] + [(512, 4, 2)] * 3`.
///
/// fairseq evaluates it; here it is read by a grammar of its own that knows nothing else:
///
///     sum     = product { "+" product }          lists
///     product = operand { "*" operand }          a list and a number
///     operand = number | "[" operands "]" | "(" sum ")" | "(" numbers ")"
package enum LayerList {
    /// Numbers up to 65,535 and lists up to this length: far above any model, and safe to multiply.
    package static let longest = 1000

    /// - Throws: `LayerListError`.
    package static func layers(_ source: String) throws -> [ConvolutionLayer] {
        var parser = LayerListParser(source)
        return try layers(try parser.list())
    }

    /// - Throws: `LayerListError`.
    package static func layers(_ list: [JSONValue]) throws -> [ConvolutionLayer] {
        try layers(
            try list.map { item in
                guard case .array(let numbers) = item else {
                    throw LayerListError.notTuple(item)
                }
                return try numbers.map {
                    guard case .integer(let number) = $0 else {
                        throw LayerListError.notWhole($0)
                    }
                    return number
                }
            })
    }

    private static func layers(_ tuples: [[Int]]) throws -> [ConvolutionLayer] {
        guard tuples.count <= longest else { throw LayerListError.tooMany }
        var stride = 1
        return try tuples.map { tuple in
            guard tuple.count == 3, tuple.allSatisfy({ (1...65_535).contains($0) }) else {
                throw LayerListError.notLayer(Array(tuple.prefix(4)))
            }
            stride *= tuple[2]
            guard stride <= Int(Int32.max) else { throw LayerListError.strides }
            return ConvolutionLayer(tuple[0], tuple[1], tuple[2])
        }
    }

    /// The list as Python prints it.
    package static func text(_ layers: [ConvolutionLayer]) -> String {
        "[" + layers.map { "(\($0.channels), \($0.kernel), \($0.stride))" }.joined(separator: ", ") + "]"
    }
}

/// A list of layers that cannot be read, and where.
public enum LayerListError: Error, Equatable {
    case notTuple(JSONValue)
    case notWhole(JSONValue)
    case notLayer([Int])
    case tooMany
    case tooLong
    /// The product of the strides is beyond any recording.
    case strides
    case syntax(String, character: Int, source: String)
}

extension LayerListError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notTuple(let value): "\(value) is not a list of channels, kernel, stride"
        case .notWhole(let value): "\(value) is not a whole number"
        case .notLayer(let numbers): "\(numbers) is not channels, kernel, stride, each from 1 to 65535"
        case .tooMany: "more than \(LayerList.longest) layers"
        case .tooLong: "the list is too long"
        case .strides: "the strides multiply to too much"
        case .syntax(let problem, let character, let source):
            "\(problem) at character \(character) of \(quoted(source))"
        }
    }
}

private struct LayerListParser {
    private enum Value {
        case number(Int)
        case tuple([Int])
        case list([[Int]])
    }

    private let source: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ source: String) { self.source = Array(source.utf8) }

    mutating func list() throws -> [[Int]] {
        guard source.count <= 50_000 else { throw LayerListError.tooLong }
        guard case .list(let list) = try sum(), next == nil else { throw error("expected a list of layers") }
        return list
    }

    private func error(_ problem: String) -> LayerListError {
        .syntax(
            problem, character: position + 1, source: String(decoding: source, as: UTF8.self))
    }

    /// The next character that is not space, without taking it.
    private var next: Unicode.Scalar? {
        mutating get {
            let spaces: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
            while position < source.count, spaces.contains(source[position]) { position += 1 }
            return position < source.count ? Unicode.Scalar(source[position]) : nil
        }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard next == character else { return false }
        position += 1
        return true
    }

    private mutating func sum() throws -> Value {
        var value = try product()
        while accept("+") {
            guard case .list(let left) = value, case .list(let right) = try product() else {
                throw error("only lists can be added")
            }
            value = .list(try bounded(left.count + right.count) { left + right })
        }
        return value
    }

    private mutating func product() throws -> Value {
        var value = try operand()
        while accept("*") {
            switch (value, try operand()) {
            case (.list(let list), .number(let count)), (.number(let count), .list(let list)):
                // Both factors are small: a number has at most five digits, a list a thousand layers.
                value = .list(
                    try bounded(list.count * count) { Array(repeatElement(list, count: count).joined()) })
            default: throw error("only a list and a number can be multiplied")
            }
        }
        return value
    }

    private func bounded(_ count: Int, _ list: () -> [[Int]]) throws -> [[Int]] {
        guard count <= LayerList.longest else { throw error("more than \(LayerList.longest) layers") }
        return list()
    }

    private mutating func operand() throws -> Value {
        guard depth < 32 else { throw error("too many brackets") }
        depth += 1
        defer { depth -= 1 }
        if accept("[") { return .list(try tuples()) }
        if accept("(") { return try parenthesized() }
        return .number(try number())
    }

    private mutating func tuples() throws -> [[Int]] {
        var tuples: [[Int]] = []
        while !accept("]") {
            guard case .tuple(let tuple) = try operand() else {
                throw error("expected (channels, kernel, stride)")
            }
            tuples.append(tuple)
            guard accept(",") || next == "]" else { throw error("expected , or ]") }
        }
        return tuples
    }

    /// As in Python, a comma makes a tuple; without one the parentheses only group.
    private mutating func parenthesized() throws -> Value {
        let first = try sum()
        if accept(")") { return first }
        guard case .number(let number) = first else { throw error("expected )") }
        var tuple = [number]
        while accept(","), next != ")" { tuple.append(try self.number()) }
        guard accept(")") else { throw error("expected , or )") }
        return .tuple(tuple)
    }

    private mutating func number() throws -> Int {
        guard next != nil else { throw error("expected a value") }
        var (number, digits) = (0, 0)
        while position < source.count, (0x30...0x39).contains(source[position]) {
            number = number * 10 + Int(source[position] - 0x30)
            (position, digits) = (position + 1, digits + 1)
            guard number <= 65_535 else { throw error("a number above 65535") }
        }
        guard digits > 0 else { throw error("expected a value") }
        return number
    }
}
