import TensorFiles
import Testing
import Wav2Vec2

/// A number, or some, that numpy's generator has drawn, and what for.
struct StoredDraw: Decodable, Sendable {
    let draw: String
    let value: JSONValue
    let low, high: JSONValue?
    let of: JSONValue?

    var numbers: [Double] { value.numbers }
    var integers: [Int] { numbers.map { Int($0) } }
}

extension JSONValue {
    /// One or several.
    fileprivate var numbers: [Double] {
        switch self {
        case .integer(let integer): [Double(integer)]
        case .number(let number): [number]
        case .array(let list): list.flatMap(\.numbers)
        default: []
        }
    }
}

/// Stored draws, in their order. That each is of the kind and within the bounds that are asked for is checked.
struct ReplayedDraws: SpanDraws {
    private var draws: ArraySlice<StoredDraw>

    init(_ draws: [StoredDraw]) { self.draws = draws[...] }

    var isAtEnd: Bool { draws.isEmpty }

    private mutating func next(_ kind: String) -> StoredDraw? {
        let draw = draws.popFirst()
        #expect(draw?.draw == kind)
        return draw
    }

    mutating func uniform() -> Double { next("random")?.numbers.first ?? 0 }

    mutating func integer(in range: Range<Int>) -> Int { integers(in: range, count: 1).first ?? 0 }

    mutating func integers(in range: Range<Int>, count: Int) -> [Int] {
        let draw = next("randint")
        #expect(draw?.low?.numbers == [Double(range.lowerBound)])
        #expect(draw?.high?.numbers == [Double(range.upperBound)])
        #expect(draw?.integers.count == count)
        return draw?.integers ?? []
    }

    mutating func normals(mean: Double, deviation: Double, count: Int) -> [Double] {
        let draw = next("normal")
        #expect(draw?.numbers.count == count)
        return draw?.numbers ?? []
    }

    mutating func poissons(mean: Double, count: Int) -> [Int] {
        let draw = next("poisson")
        #expect(draw?.integers.count == count)
        return draw?.integers ?? []
    }

    mutating func distinct(_ count: Int, below bound: Int) -> [Int] {
        let draw = next("choice")
        #expect(draw?.of?.numbers == [Double(bound)])
        #expect(draw?.integers.count == count)
        return draw?.integers ?? []
    }

    mutating func distinct(_ count: Int, of frames: [Int]) -> [Int] {
        let draw = next("choice")
        #expect(draw?.of?.numbers == frames.map(Double.init))
        #expect(draw?.integers.count == count)
        return draw?.integers ?? []
    }

    mutating func index(weights: [Int]) -> Int {
        let draw = next("choice")
        #expect(draw?.of?.numbers == [Double(weights.count)])
        return draw?.integers.first ?? 0
    }
}
