/// A Python value, to be written as a pickle of protocol 2.
package indirect enum Pickled: Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([Pickled])
    case tuple([Pickled])
    case dictionary([(String, Pickled)])
    case global(String, String)
    /// A function or class, its arguments, and the attributes that `BUILD` sets.
    case call(String, String, [Pickled], state: Pickled?)
    /// An `OrderedDict`, as `state_dict()` is.
    case ordered([(String, Pickled)])
    case persistent(Pickled)
    /// Opcodes.
    case raw([UInt8])

    /// A whole pickle.
    package var pickle: [UInt8] { [0x80, 2] + opcodes + [UInt8(ascii: ".")] }

    package var opcodes: [UInt8] {
        switch self {
        case .none: return code("N")
        case .boolean(let value): return [value ? 0x88 : 0x89]
        case .integer(let value):
            guard let small = Int32(exactly: value) else { return [0x8A, 8] + little(value) }
            return code("J") + little(small)
        case .number(let value): return code("G") + little(value.bitPattern).reversed()
        case .text(let text): return code("X") + little(UInt32(text.utf8.count)) + Array(text.utf8)
        case .list(let items): return code("]") + code("(") + items.flatMap(\.opcodes) + code("e")
        case .tuple(let items): return code("(") + items.flatMap(\.opcodes) + code("t")
        case .dictionary(let entries): return code("}") + Self.items(entries)
        case .global(let module, let name): return code("c") + Array("\(module)\n\(name)\n".utf8)
        case .call(let module, let name, let arguments, let state):
            let call = Pickled.global(module, name).opcodes + Pickled.tuple(arguments).opcodes + code("R")
            return call + (state.map { $0.opcodes + code("b") } ?? [])
        case .ordered(let entries):
            return Pickled.call("collections", "OrderedDict", [], state: nil).opcodes + Self.items(entries)
        case .persistent(let id): return id.opcodes + code("Q")
        case .raw(let bytes): return bytes
        }
    }

    private static func items(_ entries: [(String, Pickled)]) -> [UInt8] {
        code("(") + entries.flatMap { Pickled.text($0).opcodes + $1.opcodes } + code("u")
    }
}

extension Pickled {
    /// A tensor of `torch._utils._rebuild_tensor_v2`.
    package static func tensor(
        _ storage: String, key: String, count: Int, shape: [Int], strides: [Int], offset: Int = 0,
        view: Pickled? = nil
    ) -> Pickled {
        let id: [Pickled] = [
            .text("storage"), .global("torch", storage), .text(key), .text("cpu"), .integer(count),
        ]
        return .call(
            "torch._utils", "_rebuild_tensor_v2",
            [
                .persistent(.tuple(id + (view.map { [$0] } ?? []))), .integer(offset),
                .tuple(shape.map(Pickled.integer)), .tuple(strides.map(Pickled.integer)), .boolean(false),
                .ordered([]),
            ], state: nil)
    }
}

private func code(_ character: Unicode.Scalar) -> [UInt8] { [UInt8(ascii: character)] }

/// The bytes of a number, the least significant first.
package func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// A generator that always gives the same numbers.
package struct Draws {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    package mutating func draw(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
