import Layers
import TensorFiles
import VQWav2Vec

/// Fields of a configuration by name, each read as the kind of value that it has to be.
package struct FairseqFields: JSONFields {
    package let fields: JSONObject

    package init(_ fields: JSONObject) { self.fields = fields }

    package func wrong(_ name: String, _ value: JSONValue, expected: String) -> FairseqConfigurationError {
        .wrongValue(field: name, value: value, expected: expected)
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
