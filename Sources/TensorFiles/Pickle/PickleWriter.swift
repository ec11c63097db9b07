/// Writes one object as a pickle of protocol 2, opcode by opcode (Python's `pickletools` defines them).
///
/// Each call writes a value; values between the brackets of a list, tuple or dictionary become its elements.
/// Equal calls give equal bytes: dictionaries keep the order they are written in.
public struct PickleWriter {
    /// Where a value can be found again: see `remember`.
    public struct Memo { fileprivate let index: UInt32 }

    private var bytes: [UInt8] = [0x80, 2]
    private var memos: UInt32 = 0

    public init() {}

    /// The whole pickle, after its one value.
    public var finished: [UInt8] { bytes + [UInt8(ascii: ".")] }

    public mutating func none() { bytes.append(UInt8(ascii: "N")) }

    public mutating func boolean(_ value: Bool) { bytes.append(value ? 0x88 : 0x89) }

    public mutating func integer(_ value: Int) {
        if let small = Int32(exactly: value) {
            bytes.append(UInt8(ascii: "J"))
            bytes.append(little: small)
        } else {
            // LONG1: two's complement of eight bytes.
            bytes += [0x8A, 8]
            bytes.append(little: Int64(value))
        }
    }

    public mutating func number(_ value: Double) {
        bytes.append(UInt8(ascii: "G"))
        bytes.append(little: value.bitPattern.byteSwapped)
    }

    public mutating func string(_ value: String) {
        let encoded = Array(value.utf8)
        bytes.append(UInt8(ascii: "X"))
        bytes.append(little: UInt32(truncatingIfNeeded: encoded.count))
        bytes += encoded
    }

    public mutating func list(_ elements: (inout PickleWriter) throws -> Void) rethrows {
        bytes += [UInt8(ascii: "]"), UInt8(ascii: "(")]
        try elements(&self)
        bytes.append(UInt8(ascii: "e"))
    }

    public mutating func tuple(_ elements: (inout PickleWriter) throws -> Void) rethrows {
        bytes.append(UInt8(ascii: "("))
        try elements(&self)
        bytes.append(UInt8(ascii: "t"))
    }

    /// - Parameter items: writes keys and values by turns.
    public mutating func dictionary(_ items: (inout PickleWriter) throws -> Void) rethrows {
        bytes.append(UInt8(ascii: "}"))
        try fill(items)
    }

    /// Sets items of the dictionary that was written last.
    public mutating func fill(_ items: (inout PickleWriter) throws -> Void) rethrows {
        bytes.append(UInt8(ascii: "("))
        try items(&self)
        bytes.append(UInt8(ascii: "u"))
    }

    /// A class or function by name.
    public mutating func global(_ module: String, _ name: String) {
        bytes += Array("c\(module)\n\(name)\n".utf8)
    }

    /// Calls the function written before the last value with that value, a tuple.
    public mutating func reduce() { bytes.append(UInt8(ascii: "R")) }

    /// Makes an object of the class written before the last value, a tuple of arguments.
    public mutating func newObject() { bytes.append(0x81) }

    /// Gives the object before the last value, a dictionary, its attributes.
    public mutating func build() { bytes.append(UInt8(ascii: "b")) }

    /// Replaces the last value by what the reader knows under that name.
    public mutating func persistentID() { bytes.append(UInt8(ascii: "Q")) }

    /// Numbers the value that was written last, so that it can be written again as the same object.
    public mutating func remember() -> Memo {
        bytes.append(UInt8(ascii: "r"))
        bytes.append(little: memos)
        memos += 1
        return Memo(index: memos - 1)
    }

    public mutating func again(_ memo: Memo) {
        bytes.append(UInt8(ascii: "j"))
        bytes.append(little: memo.index)
    }
}

extension PickleWriter {
    /// A document; the keys of its objects sorted.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: none()
        case .boolean(let boolean): self.boolean(boolean)
        case .integer(let integer): self.integer(integer)
        case .number(let number): self.number(number)
        case .string(let string): self.string(string)
        case .array(let elements):
            list { pickle in for element in elements { pickle.value(element) } }
        case .object(let fields):
            dictionary { $0.items(fields) }
        }
    }

    /// Keys and values by turns, for `dictionary` and `fill`.
    public mutating func items(_ fields: JSONObject) {
        for (key, value) in fields.sorted {
            string(key)
            self.value(value)
        }
    }
}
