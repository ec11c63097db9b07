import Files

/// Python's pickle machine without Python: it only ever builds `PickleValue`s.
///
/// `REDUCE`, `NEWOBJ` and `BUILD`, which call functions in Python, record what they were asked to do.
package struct PickleMachine {
    var cursor: ByteCursor
    private var stack: [PickleValue] = []
    /// Heights of the stack where marks are.
    private var marks: [Int] = []
    private var memo: [UInt32: PickleValue] = [:]
    var objects: [PickleObject] = []

    /// Reads the pickle that begins at a position.
    /// - Parameter range: where the pickle lies within the file; it may end earlier.
    /// - Throws: `PickleError` or `ByteCursorError`, with the position; `FileError` where it cannot be read.
    package static func read(_ file: some ByteSource, in range: Range<Int>) throws -> PickleDocument {
        let longest = min(range.count, PickleLimits.bytes)
        // Only reading it tells where a pickle ends, and storages may follow.
        var size = min(longest, firstPiece)
        while true {
            let piece = range.lowerBound..<range.lowerBound + size
            do {
                return try file.withCursor(piece) { cursor in
                    var machine = PickleMachine(cursor: cursor)
                    return try machine.run()
                }
            } catch  where size < longest && !(error is FileError) {
                size = longest
            }
        }
    }

    private static let firstPiece = 1 << 20

    private init(cursor: ByteCursor) { self.cursor = cursor }

    private mutating func run() throws -> PickleDocument {
        for _ in 0..<PickleLimits.operations {
            let position = cursor.position
            let code = try cursor.integer(UInt8.self)
            guard let opcode = PickleOpcode(rawValue: code) else {
                throw PickleError.damaged("opcode 0x\(hexadecimal(code)) at byte \(position) is not read")
            }
            do {
                guard opcode == .stop else {
                    try step(opcode)
                    continue
                }
                let root = try pop()
                guard stack.isEmpty, marks.isEmpty else {
                    throw PickleError.misstep("it stops with work left")
                }
                return PickleDocument(root: root, objects: objects, end: cursor.position)
            } catch let error as PickleError {
                throw PickleError.damaged("byte \(position): \(error)")
            }
        }
        throw PickleError.refused("its pickle has more than \(PickleLimits.operations) operations")
    }

    private mutating func step(_ opcode: PickleOpcode) throws {
        switch opcode {
        case .stop: break
        case .proto:
            let version = try cursor.integer(UInt8.self)
            guard (2...5).contains(version) else {
                throw PickleError.misstep("pickle protocol \(version) is not read")
            }
        case .frame: _ = try cursor.integer(UInt64.self)
        case .mark: marks.append(stack.count)
        case .pop: _ = try pop()
        case .popMark: _ = try popToMark()
        case .duplicate: stack.append(try top())
        case .none: stack.append(.none)
        case .newTrue: stack.append(.boolean(true))
        case .newFalse: stack.append(.boolean(false))
        case .binaryFloat:
            let bits = try cursor.integer(UInt64.self).byteSwapped
            stack.append(.number(Double(bitPattern: bits)))
        case .binaryInteger: stack.append(.integer(Int(try cursor.integer(Int32.self))))
        case .binaryInteger1: stack.append(.integer(Int(try cursor.integer(UInt8.self))))
        case .binaryInteger2: stack.append(.integer(Int(try cursor.integer(UInt16.self))))
        case .long1: stack.append(try long(cursor.integer(UInt8.self)))
        case .long4: stack.append(try long(cursor.integer(Int32.self)))
        case .shortBinaryString, .shortBinaryUnicode: stack.append(try text(cursor.integer(UInt8.self)))
        case .binaryString: stack.append(try text(cursor.integer(Int32.self)))
        case .binaryUnicode: stack.append(try text(cursor.integer(UInt32.self)))
        case .binaryUnicode8: stack.append(try text(cursor.integer(UInt64.self)))
        case .shortBinaryBytes: stack.append(.bytes(Array(try bytes(cursor.integer(UInt8.self)))))
        case .binaryBytes: stack.append(.bytes(Array(try bytes(cursor.integer(UInt32.self)))))
        case .binaryBytes8, .byteArray8: stack.append(.bytes(Array(try bytes(cursor.integer(UInt64.self)))))
        case .binaryPut: memo[UInt32(try cursor.integer(UInt8.self))] = try top()
        case .longBinaryPut: memo[try cursor.integer(UInt32.self)] = try top()
        case .memoize: memo[UInt32(memo.count)] = try top()
        case .binaryGet: stack.append(try memorized(UInt32(cursor.integer(UInt8.self))))
        case .longBinaryGet: stack.append(try memorized(cursor.integer(UInt32.self)))
        case .emptyList: try push(PickleObject(kind: .list))
        case .emptyTuple: try push(PickleObject(kind: .tuple))
        case .emptySet: try push(PickleObject(kind: .set))
        case .emptyDictionary: try push(PickleObject(kind: .dictionary))
        case .list: try push(PickleObject(kind: .list, elements: popToMark()))
        case .tuple: try push(PickleObject(kind: .tuple, elements: popToMark()))
        case .frozenSet: try push(PickleObject(kind: .set, elements: popToMark()))
        case .dictionary: try push(PickleObject(kind: .dictionary, entries: pairs(popToMark())))
        case .tuple1: try push(PickleObject(kind: .tuple, elements: pop(1)))
        case .tuple2: try push(PickleObject(kind: .tuple, elements: pop(2)))
        case .tuple3: try push(PickleObject(kind: .tuple, elements: pop(3)))
        case .append: try append(pop(1), to: [.list, .instance])
        case .appends: try append(popToMark(), to: [.list, .instance])
        case .addItems: try append(popToMark(), to: [.set, .instance])
        case .setItem: try set(pairs(pop(2)))
        case .setItems: try set(pairs(popToMark()))
        case .global: stack.append(try global(line(), line()))
        case .stackGlobal: try stackGlobal()
        case .reduce, .newObject: try instance(try pop(2))
        case .newObjectWithKeywords: try instance(Array(try pop(3).prefix(2)))
        case .build: try build()
        case .binaryPersistentID: try push(PickleObject(kind: .persistent, arguments: pop()))
        }
    }
}

// The stack.
extension PickleMachine {
    /// Nothing below a mark can be reached before the mark is gone.
    private var floor: Int { marks.last ?? 0 }

    private func top() throws -> PickleValue {
        guard stack.count > floor, let value = stack.last else {
            throw PickleError.misstep("the stack is empty")
        }
        return value
    }

    private mutating func pop() throws -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws -> [PickleValue] {
        guard stack.count - floor >= count else { throw PickleError.misstep("the stack is too short") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws -> [PickleValue] {
        guard let mark = marks.popLast() else { throw PickleError.misstep("there is no mark") }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private func memorized(_ index: UInt32) throws -> PickleValue {
        guard let value = memo[index] else { throw PickleError.misstep("nothing was stored as \(index)") }
        return value
    }
}

// Containers and placeholders.
extension PickleMachine {
    private mutating func push(_ object: PickleObject) throws {
        guard objects.count < PickleLimits.objects else {
            throw PickleError.misstep("more than \(PickleLimits.objects) objects")
        }
        stack.append(.object(objects.count))
        objects.append(object)
    }

    /// The index of the object on top of the stack, which has to be of one of these kinds.
    private func target(_ kinds: [PickleObject.Kind]) throws -> Int {
        guard case .object(let index) = try top(), kinds.contains(objects[index].kind) else {
            throw PickleError.misstep("something is added to what cannot take it")
        }
        return index
    }

    private mutating func append(_ values: [PickleValue], to kinds: [PickleObject.Kind]) throws {
        objects[try target(kinds)].elements += values
    }

    private mutating func set(_ pairs: [(key: PickleValue, value: PickleValue)]) throws {
        objects[try target([.dictionary, .instance])].entries += pairs
    }

    private func pairs(_ values: [PickleValue]) throws -> [(key: PickleValue, value: PickleValue)] {
        guard values.count.isMultiple(of: 2) else { throw PickleError.misstep("a key has no value") }
        return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
    }

    private mutating func stackGlobal() throws {
        let names = try pop(2)
        guard case .text(let module) = names[0], case .text(let name) = names[1],
            max(module.utf8.count, name.utf8.count) <= PickleLimits.name
        else { throw PickleError.misstep("the name of a class is not a text") }
        stack.append(try global(module, name))
    }

    /// - Parameter parts: what Python would call, and the tuple of its arguments.
    private mutating func instance(_ parts: [PickleValue]) throws {
        guard case .object(let index) = parts[1], objects[index].kind == .tuple else {
            throw PickleError.misstep("the arguments of a call are not a tuple")
        }
        switch parts[0] {
        case .global(let name): try push(PickleObject(kind: .instance, type: name, arguments: parts[1]))
        // The result of another call that was not made.
        case .object(let index) where objects[index].kind == .instance:
            try push(PickleObject(kind: .instance, arguments: parts[1]))
        default: throw PickleError.misstep("a call of what is neither a class nor a function")
        }
    }

    private mutating func build() throws {
        let state = try pop()
        let instance = try target([.instance])
        objects[instance].state = state
        if objects[instance].type == JoblibFile.wrapper { try passArray(instance) }
    }
}

/// Two digits.
private func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
}
