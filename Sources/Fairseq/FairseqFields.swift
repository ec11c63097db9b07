import Layers
import TensorFiles
import VQWav2Vec

/// Fields of a configuration by name, each read as the kind of value that it has to be.
package struct FairseqFields {
    private let fields: JSONObject

    package init(_ fields: JSONObject) { self.fields = fields }

    /// Nil where the field is missing or null.
    private func value(_ name: String) -> JSONValue? {
        fields[name].flatMap { $0 == .null ? nil : $0 }
    }

    private func wrong(_ name: String, _ value: JSONValue, expected: String) -> FairseqConfigurationError {
        .wrongValue(field: name, value: value, expected: expected)
    }

    package func boolean(_ name: String, default standard: Bool) throws -> Bool {
        guard let value = value(name) else { return standard }
        guard case .boolean(let boolean) = value else { throw wrong(name, value, expected: "true or false") }
        return boolean
    }

    /// No field needs more than 31 bits, and smaller numbers can be multiplied without fear.
    package func integer(_ name: String, default standard: Int) throws -> Int {
        guard let value = value(name) else { return standard }
        guard case .integer(let integer) = value, let small = Int32(exactly: integer), small >= 0 else {
            throw wrong(name, value, expected: "a whole number from 0 to \(Int32.max)")
        }
        return integer
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

    /// A list of (channels, kernel, stride): Python source, or the list itself.
    package func layers(_ name: String, default standard: [ConvolutionLayer]) throws -> [ConvolutionLayer] {
        do {
            switch value(name) {
            case nil: return standard
            case .string(let source): return try LayerList.layers(source)
            case .array(let list): return try LayerList.layers(list)
            case let value?: throw wrong(name, value, expected: "a list of (channels, kernel, stride)")
            }
        } catch let error as LayerListError {
            throw FairseqConfigurationError.wrongLayers(field: name, error)
        }
    }

    /// Three numbers: a list of today, or a string such as "(2.0,0.5,0.999995)" of 2020.
    package func temperature(
        _ name: String, default standard: (Double, Double, Double)
    ) throws -> (start: Double, end: Double, decay: Double) {
        guard let value = value(name) else { return standard }
        var numbers: [Double?] = []
        if case .array(let list) = value {
            numbers = list.map(\.finiteNumber)
        } else if case .string(let source) = value {
            let inner = source.drop { " ([".contains($0) }.reversed().drop { " )]".contains($0) }.reversed()
            numbers = String(inner).split(separator: ",", omittingEmptySubsequences: false).map {
                Double($0.filter { $0 != " " }).flatMap { $0.isFinite ? $0 : nil }
            }
        }
        guard numbers.count == 3, let start = numbers[0], let end = numbers[1], let decay = numbers[2] else {
            throw wrong(name, value, expected: "three numbers: start, end, factor per update")
        }
        return (start, end, decay)
    }

    /// Frames ahead; 0 for "auto". fairseq's own 0 would predict the frame from itself.
    package func offset(_ name: String) throws -> Int {
        let number: Int32?
        switch value(name) {
        case nil, .string("auto"): return 0
        case .integer(let integer): number = Int32(exactly: integer)
        case .string(let text): number = Int32(text)
        default: number = nil
        }
        guard let number, number > 0 else {
            throw wrong(name, fields[name] ?? .null, expected: "auto or a positive whole number")
        }
        return Int(number)
    }

    /// Frames; 0 for none.
    package func sampleDistance(_ name: String) throws -> Int {
        let distance = try integer(name, default: 0)
        guard distance > 0 || value(name) == nil else {
            throw wrong(name, .integer(distance), expected: "null or a positive whole number")
        }
        return distance
    }
}

extension JSONValue {
    var finiteNumber: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number) where number.isFinite: number
        default: nil
        }
    }
}
