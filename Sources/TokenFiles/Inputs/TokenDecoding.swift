import Files

/// From the numbers in a file to ids of groups: what `TokenEncoding` writes, the other way round.
struct TokenDecoding {
    private let path: String
    private let ids: TokenIDs?
    private let groups: Int?
    /// V.
    let codewords: Int?

    init(path: String, options: TokenInputOptions, description: TokenInputDescription) {
        self.path = path
        ids = options.ids ?? description.ids
        groups = options.groups ?? description.groups
        codewords = options.codewords ?? description.codewords
    }

    /// - Throws: `TokenInputError` where the numbers are not such ids.
    func decode(_ raw: [RawTokens]) throws -> (utterances: [TokenInput.Utterance], groups: Int) {
        var width: Int?
        // Of what is told by durations: a few digits can state more than memory holds.
        var repeatedFrames = 0
        let all = raw.reduce(0) { $0 + $1.values.count }
        let utterances = try raw.map { tokens in
            func malformed(_ problem: TokenInputError.Problem) -> TokenInputError {
                .malformed(path: path, at: .init(tokens), problem)
            }
            var (ids, columns) = try numbers(of: tokens)
            if !ids.isEmpty {
                guard (width ?? columns) == columns else {
                    throw malformed(.columns(columns, others: width ?? columns))
                }
                width = columns
                if let groups, columns > 1, columns != groups {
                    throw malformed(.groups(columns, stated: groups))
                }
            }
            if let negative = ids.first(where: { $0 < 0 }) { throw malformed(.notIDs("\(negative)")) }
            if let codewords, columns == groups ?? columns, self.ids != .combined || groups != nil,
                let large = ids.first(where: { Int($0) >= codewords })
            {
                throw malformed(.outOfRange(Int(large), codewords: codewords))
            }
            if let durations = tokens.durations {
                guard durations.count * columns == ids.count, durations.allSatisfy({ $0 > 0 }) else {
                    throw malformed(.durations(durations.count, frames: ids.count / max(1, columns)))
                }
                let frames = durations.reduce(0) { $0 + Int($1) }
                guard frames <= Self.mostFrames else {
                    throw malformed(.frames(frames, most: Self.mostFrames))
                }
                repeatedFrames += frames
                guard repeatedFrames <= Self.fewFrames + Self.mostRepetitions * all else {
                    throw malformed(.repetitions(repeatedFrames, ids: all))
                }
                ids = Self.repeated(ids, columns: columns, durations, frames: frames)
            }
            return TokenInput.Utterance(
                name: tokens.name, line: tokens.line, samples: tokens.samples, sampleRate: tokens.sampleRate,
                ids: ids)
        }
        return (utterances, width ?? groups ?? 1)
    }

    /// Of a recording whose frames are told by durations: 46 hours at 100 a second.
    private static let mostFrames = 1 << 24
    /// Of all recordings together: 11 hours, and more where there are so many ids that each lasts no longer on average.
    private static let (fewFrames, mostRepetitions) = (1 << 22, 100)

    /// Each frame as often as its duration says.
    private static func repeated(
        _ ids: [Int32], columns: Int, _ durations: [Int32], frames: Int
    ) -> [Int32] {
        var all: [Int32] = []
        all.reserveCapacity(frames * columns)
        for (frame, duration) in durations.enumerated() {
            for _ in 0..<duration { all += ids[frame * columns..<(frame + 1) * columns] }
        }
        return all
    }

    /// [T', G] and G.
    private func numbers(of tokens: RawTokens) throws -> ([Int32], columns: Int) {
        func malformed(_ problem: TokenInputError.Problem) -> TokenInputError {
            .malformed(path: path, at: .init(tokens), problem)
        }
        guard tokens.columns == 1, let ids, ids != .pair else { return (tokens.values, tokens.columns) }
        guard let groups, let codewords, groups > 0, codewords > 0 else {
            // Combined ids are units as they are.
            guard ids == .flat else { return (tokens.values, 1) }
            throw malformed(.needsSize(ids))
        }
        let base = Int32(clamping: codewords)
        switch ids {
        case .flat:
            guard tokens.values.count.isMultiple(of: groups) else {
                throw malformed(.notRows(groups: groups))
            }
            return (
                try tokens.values.enumerated().map { place, value in
                    let (id, overflow) = value.subtractingReportingOverflow(Int32(place % groups) &* base)
                    guard !overflow, (0..<base).contains(id) else {
                        throw malformed(.outOfRange(Int(value), codewords: codewords))
                    }
                    return id
                }, groups
            )
        case .combined, .pair:
            // With two codewords each, 31 groups fill a number of 32 bits.
            guard groups <= 31 else { throw malformed(.tooManyGroups(groups)) }
            var digits: [Int32] = []
            digits.reserveCapacity(tokens.values.count * groups)
            for value in tokens.values {
                var (rest, frame) = (value, [Int32]())
                for _ in 0..<groups {
                    frame.append(rest % base)
                    rest /= base
                }
                guard rest == 0, value >= 0 else {
                    throw malformed(.outOfRange(Int(value), codewords: codewords))
                }
                digits += frame.reversed()
            }
            return (digits, groups)
        }
    }
}
