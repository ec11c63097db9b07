import Foundation

/// What a pickle of protocol 2 describes, with calls left as they are: enough of Python's machine for what
/// `PickleWriter` writes. Anything else is an error.
package indirect enum Unpickled: Equatable {
    case none
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([Unpickled])
    case tuple([Unpickled])
    case dictionary([Pair])
    case global(String)
    /// Function or class, arguments, and the state it was given or items that were set.
    case call(Unpickled, Unpickled, state: Unpickled)
    case persistent(Unpickled)

    package struct Pair: Equatable {
        package let key: Unpickled
        package let value: Unpickled

        package init(key: Unpickled, value: Unpickled) { (self.key, self.value) = (key, value) }
    }

    /// The value of a key of a dictionary, or of an object made by a call.
    package subscript(_ key: String) -> Unpickled? {
        switch self {
        case .dictionary(let pairs): pairs.first { $0.key == .string(key) }?.value
        case .call(_, _, let state): state[key]
        default: nil
        }
    }

    package var keys: [String] {
        switch self {
        case .dictionary(let pairs):
            pairs.compactMap { if case .string(let key) = $0.key { key } else { nil } }
        case .call(_, _, let state): state.keys
        default: []
        }
    }

    package init(_ bytes: [UInt8]) throws {
        var machine = Machine(bytes: bytes)
        self = try machine.run()
    }
}

package struct UnpicklingError: Error {
    let text: String

    package init(text: String) { self.text = text }
}

private struct Machine {
    let bytes: [UInt8]
    var place = 0
    var stack: [Unpickled] = []
    var marks: [Int] = []
    var memo: [Int: Unpickled] = [:]

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func run() throws -> Unpickled {
        guard bytes.starts(with: [0x80, 2]) else { throw UnpicklingError(text: "not protocol 2") }
        place = 2
        while let code = take(1).first {
            if code == UInt8(ascii: ".") {
                guard stack.count == 1, marks.isEmpty, place == bytes.count else {
                    throw UnpicklingError(text: "left over: \(stack.count) values")
                }
                return try pop()
            }
            try step(code)
        }
        throw UnpicklingError(text: "no end")
    }

    private mutating func step(_ code: UInt8) throws {
        switch Character(Unicode.Scalar(code)) {
        case "N": stack.append(.none)
        case "\u{88}", "\u{89}": stack.append(.boolean(code == 0x88))
        case "J": stack.append(.integer(Int(Int32(truncatingIfNeeded: number(4)))))
        case "\u{8A}": stack.append(.integer(number(number(1))))
        case "G": stack.append(.number(Double(bitPattern: UInt64(bitPattern: Int64(number(8))).byteSwapped)))
        case "X":
            let count = number(4)
            stack.append(.string(String(decoding: take(count), as: UTF8.self)))
        case "(": marks.append(stack.count)
        case "]": stack.append(.list([]))
        case "}": stack.append(.dictionary([]))
        case "e": try fillList()
        case "t": stack.append(.tuple(try popToMark()))
        case "u": try fillDictionary()
        case "c": stack.append(.global("\(line()).\(line())"))
        case "R", "\u{81}":
            let (arguments, function) = (try pop(), try pop())
            stack.append(.call(function, arguments, state: .none))
        case "b":
            let (state, object) = (try pop(), try pop())
            guard case .call(let function, let arguments, _) = object else {
                throw UnpicklingError(text: "build")
            }
            stack.append(.call(function, arguments, state: state))
        case "Q": stack.append(.persistent(try pop()))
        case "r": memo[number(4)] = stack.last
        case "j":
            guard let value = memo[number(4)] else { throw UnpicklingError(text: "no such memo") }
            stack.append(value)
        default: throw UnpicklingError(text: "opcode \(code) at \(place - 1)")
        }
    }

    private mutating func fillList() throws {
        let elements = try popToMark()
        guard case .list(let list) = try pop() else { throw UnpicklingError(text: "append to no list") }
        stack.append(.list(list + elements))
    }

    private mutating func fillDictionary() throws {
        let items = try popToMark()
        guard items.count.isMultiple(of: 2) else { throw UnpicklingError(text: "a key without value") }
        let pairs = stride(from: 0, to: items.count, by: 2).map {
            Unpickled.Pair(key: items[$0], value: items[$0 + 1])
        }
        switch try pop() {
        case .dictionary(let old): stack.append(.dictionary(old + pairs))
        case .call(let function, let arguments, _):
            stack.append(.call(function, arguments, state: .dictionary(pairs)))
        default: throw UnpicklingError(text: "items for no dictionary")
        }
    }

    private mutating func pop() throws -> Unpickled {
        guard let value = stack.popLast() else { throw UnpicklingError(text: "empty stack") }
        return value
    }

    private mutating func popToMark() throws -> [Unpickled] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw UnpicklingError(text: "no mark") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        let taken = bytes[place...].prefix(count)
        place += taken.count
        return taken
    }

    private mutating func number(_ width: Int) -> Int {
        let bytes = Array(take(width))
        return bytes.number(0, bytes.count)
    }

    private mutating func line() -> String {
        let text = bytes[place...].prefix { $0 != UInt8(ascii: "\n") }
        place += text.count + 1
        return String(decoding: text, as: UTF8.self)
    }
}
