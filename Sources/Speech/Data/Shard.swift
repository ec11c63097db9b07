/// One of n parts of a list of recordings, for jobs that work side by side.
///
/// Parts are consecutive in the list: outputs of one line per recording, put one after the other in the order of
/// the parts, are the output of the whole list. The recordings' durations alone decide the division.
public struct Shard: Sendable, Equatable {
    /// From 1 to `count`.
    public let index: Int
    public let count: Int

    /// - Parameter text: `i/n`, such as `3/8`.
    /// - Throws: `DataError`.
    public init(parsing text: String) throws {
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false)
        guard numbers.count == 2,
            numbers.allSatisfy({
                !$0.isEmpty && $0.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
            }),
            let index = Int(numbers[0]), let count = Int(numbers[1])
        else {
            throw DataError.argument("a shard is i/n, such as 3/8, not \"\(text)\"")
        }
        guard index >= 1, index <= count else {
            throw DataError.argument("shards of n are 1/n to n/n: there is no \(text)")
        }
        self.init(index: index, count: count)
    }

    private init(index: Int, count: Int) { (self.index, self.count) = (index, count) }

    /// The shard's recordings: those whose middle falls into the i-th of n equal parts of the whole duration, so
    /// that shards differ by no more than the longest recording. With few recordings some have none.
    ///
    /// Lengths come from manifest, segments or headers; a recording that tells no length counts as one sample.
    /// - Parameters:
    ///   - sampleRate: in Hz, what lengths are converted to.
    ///   - progress: called with the number of lengths that are known, after each: headers of many files take long.
    /// - Throws: `AudioError` for a recording that the system does not let be read: with another length for it here than
    ///   elsewhere shards would lack recordings, or have some twice.
    public func range(
        of recordings: [Recording], sampleRate: Int, progress: (Int) -> Void = { _ in }
    ) throws -> Range<Int> {
        var lengths: [Int] = []
        for recording in recordings {
            lengths.append(try recording.countedLength(sampleRate: sampleRate))
            progress(lengths.count)
        }
        return range(of: lengths)
    }

    /// All shards of n, and how long the longest takes when it is played, in seconds. Whoever divides alone can do so whatever
    /// cannot be read.
    public static func ranges(
        of recordings: [Recording], count: Int, sampleRate: Int, progress: (Int) -> Void = { _ in }
    ) -> (ranges: [Range<Int>], longest: Double) {
        let lengths = recordings.enumerated().map { index, recording in
            defer { progress(index + 1) }
            return (try? recording.countedLength(sampleRate: sampleRate)) ?? 1
        }
        let ranges = (1...count).map { Shard(index: $0, count: count).range(of: lengths) }
        let longest = ranges.map { lengths[$0].reduce(0, +) }.max() ?? 0
        return (ranges, Double(longest) / Double(sampleRate))
    }

    /// The shard's part of a list.
    /// - Parameter lengths: of its members in order, each at least 1 and all together less than 2⁶².
    func range(of lengths: [Int]) -> Range<Int> {
        let total = lengths.reduce(0, +)
        var (first, end, before) = (0, 0, 0)
        for length in lengths {
            // ⌊n · middle / total⌋ in exact arithmetic; the middle is less than the total.
            let middle = count.multipliedFullWidth(by: 2 * before + length)
            let shard = (2 * total).dividingFullWidth(middle).quotient
            if shard < index - 1 { first += 1 }
            if shard < index { end += 1 }
            before += length
        }
        return first..<end
    }
}

extension Recording {
    /// What a recording counts for when recordings are divided, at least 1: its samples at a rate, as far as they are known
    /// without decoding.
    /// - Throws: `AudioError` where the system does not let it be read.
    fileprivate func countedLength(sampleRate: Int) throws -> Int {
        min(max(try length(sampleRate: sampleRate), 1), AudioFile.longest)
    }

    private func length(sampleRate: Int) throws -> Int {
        if let listedSamples { return listedSamples }
        if let part = source.part, let end = part.end {
            return Int(min(max((end - part.start) * Double(sampleRate), 0), Double(AudioFile.longest)))
        }
        do {
            return try AudioFile.info(source).samples(at: sampleRate)
        } catch let error as AudioError where error.isOfSystem {
            throw error
        } catch {
            return 0
        }
    }
}
