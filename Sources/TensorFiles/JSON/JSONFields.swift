/// Fields of a configuration by name, each read as the kind of value that it has to be. Fields that are missing or null
/// have the standard value.
package protocol JSONFields {
    associatedtype Failure: Error
    var fields: JSONObject { get }

    /// What is thrown for a value of another kind.
    func wrong(_ name: String, _ value: JSONValue, expected: String) -> Failure
}

extension JSONFields {
    /// Nil where the field is missing or null.
    package func value(_ name: String) -> JSONValue? { fields[name].flatMap { $0 == .null ? nil : $0 } }

    package func boolean(_ name: String, default standard: Bool) throws -> Bool {
        guard let value = value(name) else { return standard }
        guard case .boolean(let boolean) = value else { throw wrong(name, value, expected: "true or false") }
        return boolean
    }

    /// No field needs more than 31 bits, and smaller numbers can be multiplied without fear.
    package func integer(_ name: String, default standard: Int) throws -> Int {
        guard let value = value(name) else { return standard }
        guard let count = value.count else {
            throw wrong(name, value, expected: "a whole number from 0 to \(Int32.max)")
        }
        return count
    }

    package func integers(_ name: String, default standard: [Int]) throws -> [Int] {
        guard let value = value(name) else { return standard }
        guard case .array(let list) = value, list.allSatisfy({ $0.count != nil }) else {
            throw wrong(name, value, expected: "a list of whole numbers")
        }
        return list.compactMap(\.count)
    }

    package func number(_ name: String, default standard: Double) throws -> Double {
        guard let value = value(name) else { return standard }
        guard let number = value.finiteNumber else { throw wrong(name, value, expected: "a number") }
        return number
    }

    package func string(_ name: String, default standard: String) throws -> String {
        guard let value = value(name) else { return standard }
        guard case .string(let string) = value else { throw wrong(name, value, expected: "text") }
        return string
    }

    package func choice<Choice>(_ name: String, default standard: Choice) throws -> Choice
    where Choice: CaseIterable & RawRepresentable<String> {
        guard let value = value(name) else { return standard }
        guard case .string(let string) = value, let choice = Choice(rawValue: string) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw wrong(name, value, expected: "one of \(names)")
        }
        return choice
    }
}

extension JSONValue {
    /// A number of any kind that is not infinite.
    package var finiteNumber: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number) where number.isFinite: number
        default: nil
        }
    }

    /// A whole number from 0 to 2^31 - 1.
    fileprivate var count: Int? {
        guard case .integer(let integer) = self, Int32(exactly: integer) != nil, integer >= 0 else {
            return nil
        }
        return integer
    }
}
