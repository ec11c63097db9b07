/// What a pickle says, as data. Nothing in it has been called, imported or made.
package enum PickleValue: Equatable, Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    /// An integer of more than 64 bits: two's complement, little-endian.
    case largeInteger([UInt8])
    case number(Double)
    case text(String)
    case bytes([UInt8])
    /// The name of a class or a function, with its module: `torch.FloatStorage`. It is a name and nothing else.
    case global(String)
    /// A container or an instance: its index in `PickleDocument.objects`. Containers may hold themselves.
    case object(Int)
}

/// A list, tuple, set, dictionary, or a placeholder for what Python would have made by a call.
package struct PickleObject: Sendable {
    package enum Kind: String, Sendable {
        case list, tuple, set, dictionary
        /// What a call of `type` with `arguments` would be. Nothing is called.
        case instance
        /// Something that lies outside of the pickle, such as a storage; `arguments` says which.
        case persistent
    }

    package let kind: Kind
    /// Of a list, tuple or set; of an instance, what was appended to it.
    package var elements: [PickleValue] = []
    /// Of a dictionary; of an instance (an `OrderedDict`), what was put into it.
    package var entries: [(key: PickleValue, value: PickleValue)] = []
    /// The name of the class or function that an instance comes from.
    package var type = ""
    package var arguments = PickleValue.none
    /// The attributes of an instance.
    package var state = PickleValue.none
}

/// Bytes that are not a pickle that is read here, and why: the rest of a sentence that begins with the name of
/// the file.
package enum PickleError: Error, Equatable {
    /// What is wrong with one operation, whose place is not known yet.
    case misstep(String)
    case damaged(String)
    /// A pickle of more than is read.
    case refused(String)
}

extension PickleError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .misstep(let problem): problem
        case .damaged(let problem): "damaged: \(problem)"
        case .refused(let problem): "refused: \(problem)"
        }
    }
}
