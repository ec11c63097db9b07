import Files

/// What stands in an output for the G ids of a frame. The raw value is the name on the command line.
public enum TokenIDs: String, CaseIterable, Sendable {
    /// The G ids side by side, `3-17` in text.
    case pair
    /// One integer, Σ_g id_g · V^(G−1−g): the ids are the digits of a number to the base V, the first group's
    /// the most significant. For G = 2, id_0 · V + id_1.
    case combined
    /// G integers, id_g + g · V: the groups one after the other, each with numbers of its own from 0 to
    /// G · V − 1.
    case flat
}

/// How the ids of a frame are written, and whether repetitions are.
public struct TokenEncoding: Sendable, Equatable {
    public let ids: TokenIDs
    /// G.
    public let groups: Int
    /// V.
    public let codewords: Int
    /// Whether runs of equal frames become one frame with a duration.
    public private(set) var deduplicates: Bool

    /// - Parameters:
    ///   - groups: G, positive.
    ///   - codewords: V, positive.
    /// - Throws: `TokenFormatError` where the largest id would not fit a 32-bit integer.
    public init(_ ids: TokenIDs, groups: Int, codewords: Int, deduplicates: Bool = false) throws {
        (self.ids, self.groups, self.codewords) = (ids, groups, codewords)
        self.deduplicates = deduplicates
        guard groups > 0, codewords > 0 else {
            throw TokenFormatError.noIDs(groups: groups, codewords: codewords)
        }
        guard Int32(exactly: largest) != nil else {
            throw TokenFormatError.tooLarge(ids, groups: groups, codewords: codewords)
        }
    }

    /// The same, with runs as one frame.
    var deduplicating: TokenEncoding {
        var encoding = self
        encoding.deduplicates = true
        return encoding
    }

    /// Numbers that stand side by side: those of a frame with pairs, else one.
    var columns: Int { ids == .pair ? groups : 1 }

    /// The largest number there can be, V − 1, V^G − 1 or G·V − 1; `Int.max` where it is larger than that.
    var largest: Int {
        switch ids {
        case .pair: return codewords - 1
        case .flat:
            let (product, overflow) = groups.multipliedReportingOverflow(by: codewords)
            return overflow ? .max : product - 1
        case .combined:
            var power = 1
            for _ in 0..<groups {
                let (product, overflow) = power.multipliedReportingOverflow(by: codewords)
                if overflow { return .max }
                power = product
                // Where V = 1 every power is 1, however many there are.
                if codewords == 1 { break }
            }
            return power - 1
        }
    }

    /// - Throws: `TokenFormatError` where the utterance is not one of this model.
    func encode(_ utterance: TokenizedUtterance) throws -> EncodedTokens {
        guard utterance.groups == groups,
            utterance.ids.allSatisfy({ $0 >= 0 && Int($0) < codewords })
        else {
            throw TokenFormatError.otherModel(
                path: "\(utterance.path)", groups: groups, codewords: codewords)
        }
        var (ids, durations) = (utterance.ids[...], [Int32]?.none)
        if deduplicates { (ids, durations) = Self.deduplicated(utterance) }
        return EncodedTokens(
            path: utterance.path, name: utterance.name, samples: utterance.samples,
            sampleRate: utterance.sampleRate, channels: utterance.channels, frames: utterance.frames,
            ids: self.ids, values: numbers(ids),
            durations: durations, columns: columns)
    }

    private func numbers(_ ids: ArraySlice<Int32>) -> [Int32] {
        let base = Int32(codewords)
        switch self.ids {
        case .pair: return Array(ids)
        case .flat:
            return ids.enumerated().map { $1 + Int32($0 % groups) * base }
        case .combined:
            return stride(from: ids.startIndex, to: ids.endIndex, by: groups).map { frame in
                ids[frame..<frame + groups].reduce(0) { $0 * base + $1 }
            }
        }
    }

    /// The first frame of each run of equal frames, and how long the runs are.
    private static func deduplicated(
        _ utterance: TokenizedUtterance
    ) -> (ids: ArraySlice<Int32>, durations: [Int32]?) {
        let groups = utterance.groups
        var (ids, durations) = ([Int32](), [Int32]())
        for start in stride(from: 0, to: utterance.ids.count, by: groups) {
            let frame = utterance.ids[start..<start + groups]
            if !durations.isEmpty, ids.suffix(groups) == frame {
                durations[durations.count - 1] += 1
            } else {
                ids += frame
                durations.append(1)
            }
        }
        return (ids[...], durations)
    }
}

/// The ids of one recording as numbers of the encoding that was asked for.
struct EncodedTokens {
    let path: ByteString
    let name: ByteString
    let samples: Int
    let sampleRate: Int
    let channels: Int
    /// T, frames of the recording, repetitions included.
    let frames: Int
    /// What the numbers are.
    let ids: TokenIDs
    /// [rows, columns], row-major. Pairs and combined ids have a row for each frame that is written, flat ids
    /// have G.
    let values: [Int32]
    /// For each frame that is written how many it stands for; nil where all are written. They add up to
    /// `frames`.
    let durations: [Int32]?
    /// G with pairs, 1 with combined and flat ids.
    let columns: Int

    var rows: Int { values.count / columns }

    /// Of arrays: [T', G] with pairs, [T'] combined, [T'·G] flat.
    var shape: [Int] { ids == .pair ? [rows, columns] : [rows] }

    /// The name of the durations beside the tokens of an utterance, in formats with names.
    static let durationsEnding = ".durations"
}
